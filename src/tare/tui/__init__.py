"""`tare inspect --tui`: an image in the terminal, with keys that dive users know. Needs the extra `tui`."""
