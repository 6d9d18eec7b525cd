"""Pictures as a phone sends them."""

import io

from PIL import Image


def a_picture(width: int = 640, height: int = 480, colour: tuple[int, int, int] = (40, 90, 160)) -> bytes:
    """A JPEG of one colour."""
    made = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(made, "JPEG")
    return made.getvalue()
