"""Under which name a browser saves what it does not show."""

from urllib.parse import quote


def as_saved(media_type: str, name: str) -> dict[str, str]:
    """The header that lets a document be saved as it was called when it was sent in; none for a picture."""
    if media_type.startswith("image/"):
        return {}
    name = name.rpartition("/")[2] or "附件.pdf"
    name = name if name.lower().endswith(".pdf") else f"{name}.pdf"
    return {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}
