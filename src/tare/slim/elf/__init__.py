"""Reading and shrinking ELF files without moving a byte that is loaded."""
