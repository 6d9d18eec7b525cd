"""Addresses of pictures: the stored one, or the drawing that stands in for its category."""

from server.web.assets import illustration_for


def picture_of(picture_id: str | None, category_code: str) -> str:
    """The small picture's address; an illustration where no photograph was taken."""
    return f"/files/{picture_id}/thumbnail" if picture_id else illustration_for(category_code)
