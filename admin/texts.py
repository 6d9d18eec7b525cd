"""What came with a form as text: an amount in yuan, or a text that was typed or sent as a file, in one of the encodings
that offices save."""

from sanic import Request

from server.kernel.errors import FieldError, InvalidInput
from server.kernel.money import parse_yuan
from server.web.forms import uploaded_file

# What spreadsheets save on a Chinese computer: UTF-8 with or without its mark, else the national standard.
ENCODINGS = ("utf-8-sig", "gb18030")


def typed_or_sent(request: Request, name: str, typed: str) -> str:
    """The text of the file in field `name`, or what was typed where none was chosen. InvalidInput (`name`:
    `desk.not_a_text_file`) for a file that is no text."""
    file = uploaded_file(request, name)
    if file is None:
        return typed
    for encoding in ENCODINGS:
        try:
            text = file.body.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise InvalidInput(fields=[FieldError(name, "desk.not_a_text_file")])


def fen_of(text: str, name: str) -> int:
    """The fen of an amount typed in yuan into field `name`; InvalidInput (`name`: `desk.amount_malformed`)."""
    fen = parse_yuan(text)
    if fen is None:
        raise InvalidInput(fields=[FieldError(name, "desk.amount_malformed")])
    return fen
