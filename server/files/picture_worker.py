"""The program that decodes an uploaded picture, run as a process of its own with little memory and time.

It imports nothing of the product, so that nothing of the product is in the process that a hostile file may take
over. It is started by path with `-I`: by module name its folder's `types.py` would be found before Python's own.

In: the upload on stdin; the limits as one JSON object in the first argument. Out: one line of JSON on stdout, then
the large picture's and the thumbnail's bytes. The line is `{"outcome": "done", "pictures": [[bytes, width, height],
…]}` or `{"outcome": "type" | "animated" | "broken" | "too_large"}`. Any other end is the parent's to judge.
"""

import io
import json
import resource
import sys
import warnings
from typing import Any

from PIL import Image, ImageFile, WebPImagePlugin

# Naming the reader has it registered; otherwise Pillow loads every reader it has to find this one.
WEBP = WebPImagePlugin.WebPImageFile.format
SIGNATURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
ORIENTATION_TAG = 0x0112


class Refused(Exception):
    """The upload is not a picture that we keep; the argument is the outcome to report."""


def set_limits(limits: dict[str, Any]) -> None:
    """Give up, for good, what decoding does not need: memory, time, long answers, core dumps, more processes."""
    for kind, value in (
        (resource.RLIMIT_AS, limits["memory_bytes"]),
        (resource.RLIMIT_CPU, limits["cpu_seconds"]),
        (resource.RLIMIT_NOFILE, 16),
        (resource.RLIMIT_FSIZE, limits["max_output_bytes"]),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
    ):
        _, hard = resource.getrlimit(kind)
        allowed = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (allowed, allowed))


def open_picture(data: bytes, max_pixels: int) -> ImageFile.ImageFile:
    """Read the header only, and refuse by it what is no picture, too many pixels, or moving."""
    # Pillow raises above twice this figure, for WebP even before it allocates the canvas.
    Image.MAX_IMAGE_PIXELS = max_pixels // 2
    warnings.simplefilter("ignore", Image.DecompressionBombWarning)
    if not (data.startswith(SIGNATURES) or (data[:4] == b"RIFF" and data[8:12] == b"WEBP")):
        raise Refused("type")
    try:
        picture = Image.open(io.BytesIO(data), formats=["JPEG", "PNG", WEBP])
    except (Image.DecompressionBombError, MemoryError):
        raise Refused("too_large") from None
    except Exception:  # Pillow's readers raise whatever they ran into; the signature was right, so the rest is not
        raise Refused("broken") from None
    if picture.width * picture.height > max_pixels:
        raise Refused("too_large")
    # Phones write a JPEG with a depth map or a second exposure as MPO, which counts as several frames; its first
    # one is the photograph.
    if getattr(picture, "is_animated", False) and picture.format != "MPO":
        raise Refused("animated")
    return picture


def read_orientation(picture: Image.Image) -> int:
    """The EXIF orientation, 1 to 8. Damaged metadata is thrown away anyway, so it does not cost the photograph."""
    try:
        return int(picture.getexif().get(ORIENTATION_TAG, 1))
    except Exception:  # Pillow's metadata readers raise whatever their parsing ran into
        return 1


def flatten(picture: Image.Image) -> Image.Image:
    """Any mode to RGB, transparent parts on white; 16-bit grey is scaled, which `convert` alone would clip."""
    if picture.mode.startswith("I"):
        picture = picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if picture.mode in {"LA", "PA", "RGBA", "La", "RGBa"} or "transparency" in picture.info:
        colour = picture.convert("RGBA")
        white = Image.new("RGB", colour.size, "white")
        white.paste(colour, mask=colour.getchannel("A"))
        return white
    return picture.convert("RGB")


def turn(picture: Image.Image, orientation: int) -> Image.Image:
    """Turn and mirror the pixels as the EXIF orientation says, since the tag itself is not kept."""
    methods = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }
    return picture.transpose(methods[orientation]) if orientation in methods else picture


def shrink(picture: Image.Image, side: int) -> Image.Image:
    """The same picture with neither side above `side`; smaller ones stay as they are."""
    picture.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=2.0)
    return picture


def decode(picture: Image.Image, side: int) -> Image.Image:
    """Pixels only: decoded, shrunk, flat and upright. Whatever a decoder raises means that the file is broken."""
    try:
        orientation = read_orientation(picture)
        if picture.mode in {"RGB", "RGBA", "L", "LA", "CMYK"} and "transparency" not in picture.info:
            picture = shrink(picture, side)
        return turn(shrink(flatten(picture), side), orientation)
    except MemoryError:
        raise Refused("too_large") from None
    except Exception:  # a decoder raises whatever it ran into, and all of it means the same
        raise Refused("broken") from None


def encode(picture: Image.Image, quality: int) -> bytes:
    """JPEG bytes of a fresh picture: nothing of the upload but its pixels can be in them."""
    clean = Image.new("RGB", picture.size)
    clean.paste(picture)
    out = io.BytesIO()
    clean.save(out, "JPEG", quality=quality, optimize=True, progressive=True)
    return out.getvalue()


def reencode(data: bytes, limits: dict[str, Any]) -> list[tuple[bytes, int, int]]:
    """The large picture and the thumbnail, each as (bytes, width, height)."""
    large = decode(open_picture(data, limits["max_pixels"]), limits["large_side"])
    thumbnail = shrink(large.copy(), limits["thumbnail_side"])
    return [(encode(each, limits["quality"]), each.width, each.height) for each in (large, thumbnail)]


def main() -> None:
    """Answer one upload and end: a fresh process for each, so that nothing lingers from one file to the next."""
    limits = json.loads(sys.argv[1])
    set_limits(limits)
    out = sys.stdout.buffer
    try:
        pictures = reencode(sys.stdin.buffer.read(limits["max_bytes"]), limits)
    except Refused as refusal:
        out.write(json.dumps({"outcome": refusal.args[0]}).encode() + b"\n")
        return
    sizes = [[len(data), width, height] for data, width, height in pictures]
    out.write(json.dumps({"outcome": "done", "pictures": sizes}).encode() + b"\n")
    for data, _, _ in pictures:
        out.write(data)


if __name__ == "__main__":
    main()
