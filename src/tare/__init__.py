"""tare: small, fast-to-rebuild, safe container images for ML projects, proved to still work."""

__version__ = "0.1.0"
