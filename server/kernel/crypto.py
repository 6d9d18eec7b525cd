"""Personal fields at rest: AES-256-GCM with a key id, and a keyed blind index to look a value up without decrypting.

A stored value is `keyid:nonce+ciphertext` in URL-safe base 64; the field's name is authenticated with it, so a value
moved to another column does not decrypt. New values use the first key; old keys stay for reading.
"""

import base64
import hashlib
import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM


class UnreadableField(Exception):
    """A stored personal field was damaged, moved, or its key is not configured."""


class FieldCipher:
    """Encrypts personal fields. `keys`: key id → 32 bytes, the first one writes; `index_key`: 32 bytes."""

    def __init__(self, keys: dict[str, bytes], index_key: bytes) -> None:
        if not keys or any(len(key) != 32 for key in keys.values()) or len(index_key) < 32:
            raise ValueError("field keys must be 32 bytes")
        if any(":" in key_id for key_id in keys):
            raise ValueError("a key id has no colon")
        self._keys = {key_id: AESGCM(key) for key_id, key in keys.items()}
        self._writing = next(iter(keys))
        self._index_key = index_key

    @property
    def writing_prefix(self) -> str:
        """How values begin that are sealed with the key that writes now."""
        return f"{self._writing}:"

    def encrypt(self, field: str, plain: str) -> str:
        """Encrypt one value of `field` (its table and column, such as `person.phone`)."""
        nonce = secrets.token_bytes(12)
        sealed = self._keys[self._writing].encrypt(nonce, plain.encode(), field.encode())
        return f"{self._writing}:{base64.urlsafe_b64encode(nonce + sealed).decode()}"

    def decrypt(self, field: str, stored: str) -> str:
        """The value again; raises UnreadableField where it was tampered with or its key is unknown."""
        key_id, _, body = stored.partition(":")
        cipher = self._keys.get(key_id)
        if cipher is None:
            raise UnreadableField(field)
        try:
            raw = base64.urlsafe_b64decode(body)
            return cipher.decrypt(raw[:12], raw[12:], field.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise UnreadableField(field) from error

    def blind_index(self, field: str, plain: str) -> str:
        """A keyed hash by which equal values of one field are found; 64 hex characters."""
        return hmac.new(self._index_key, f"{field}|{plain}".encode(), hashlib.sha256).hexdigest()
