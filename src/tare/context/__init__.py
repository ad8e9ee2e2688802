"""The build context: what an engine would send, what of it the project needs, and what should stay behind."""
