"""Rules that look at Dockerfiles, build contexts and images: one rule a file, found through the registry."""
