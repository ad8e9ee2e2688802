"""The one place that understands images: sources, layers, the merged tree, waste, packages, facts."""

from tare.image.analysis import Analysis, analyse
from tare.image.facts import facts, facts_of
from tare.image.limits import DEFAULT_LIMITS, Limits
from tare.image.model import Image, ImageSource, Layer
from tare.image.opening import open_image
from tare.image.waste import Waste, find_waste

__all__ = [
    "DEFAULT_LIMITS",
    "Analysis",
    "Image",
    "ImageSource",
    "Layer",
    "Limits",
    "Waste",
    "analyse",
    "facts",
    "facts_of",
    "find_waste",
    "open_image",
]
