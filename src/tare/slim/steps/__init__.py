"""The steps, one a file; `tare.slim.registry` puts them in order."""
