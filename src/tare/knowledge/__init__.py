"""Dated facts with provenance: base images, Debian packages, CUDA variants, and the package index."""
