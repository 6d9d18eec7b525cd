"""What a scanned or typed text may mean: an asset code, a label's token, or a label's address."""

import re
import secrets
import unicodedata

# Without I, L, O and U, so that a token read aloud or typed from paper is not misread; 100 bits.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
TOKEN_LENGTH = 20
_ADDRESS = re.compile(r"^[a-z][a-z0-9+.-]*://[^/]+(?:/[^/]+)*?/s/([^/?#]+)", re.IGNORECASE)
_DASHES = re.compile("[\u2010-\u2015\u2212\u2043\ufe58\ufe63\uff0d\u30fc]")
_LONGEST = 512


def new_token() -> str:
    """A label's opaque token: it says nothing about the thing and cannot be guessed."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(TOKEN_LENGTH))


def normalized_scan(text: str) -> str:
    """The code or token inside `text`: full-width letters, odd dashes, blanks and lower case made uniform.

    Empty where nothing usable is in it.
    """
    if len(text) > _LONGEST:
        return ""
    if address := _ADDRESS.match(text.strip()):
        text = address[1]
    # Dashes first: compatibility folding would leave some of them as they are.
    plain = unicodedata.normalize("NFKC", _DASHES.sub("-", text))
    return "".join(
        letter for letter in _DASHES.sub("-", plain) if not letter.isspace() and letter.isprintable()
    ).upper()
