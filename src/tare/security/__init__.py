"""What an image is open to: advisories matched to its packages, and bills of materials."""
