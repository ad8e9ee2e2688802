"""Package databases that tell the truth about a slimmed image."""
