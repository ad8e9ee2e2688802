"""Container engines: building, running, exporting and measuring, each engine behind one protocol."""
