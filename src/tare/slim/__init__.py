"""Smaller images from images: steps that each say what they take away, why, and on what evidence."""
