"""Secrets by the documented forms of their tokens, in texts, images and projects. Values never leave this package."""
