"""Rewriting Dockerfiles: transforms that each explain themselves, applied one after another."""
