"""Where images come from: one module a place, each an `ImageSource` (manifest, media type, config, layers)."""
