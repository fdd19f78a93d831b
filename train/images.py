"""Pictures as PNG files."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_GAP = 24
"""Pixels between two pictures."""


def png(figure: Figure) -> bytes:
    """Return a figure as a PNG file."""
    stream = BytesIO()
    figure.savefig(stream, format="png")
    return stream.getvalue()


def stacked(pictures: Sequence[bytes]) -> bytes:
    """Return one PNG file in which pictures stand below each other, flush left on white."""
    from PIL import Image

    images = [Image.open(BytesIO(picture)) for picture in pictures]
    height = sum(image.height + _GAP for image in images) - _GAP
    sheet = Image.new("RGB", (max(image.width for image in images), height), "white")
    top = 0
    for image in images:
        sheet.paste(image.convert("RGB"), (0, top))
        top += image.height + _GAP
    stream = BytesIO()
    sheet.quantize(64).save(stream, "png")
    return stream.getvalue()
