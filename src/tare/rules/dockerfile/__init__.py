"""Rules about Dockerfiles. A new one is a file here and a line in `tare.rules.registry`."""
