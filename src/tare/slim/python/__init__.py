"""Python environments inside an image: where modules are, what imports what."""
