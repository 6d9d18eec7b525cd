"""Expecting a refusal by its kind and its stable code."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from server.kernel.errors import DomainError, InvalidInput


@contextmanager
def expect_refusal(kind: type[DomainError], code: str) -> Iterator[None]:
    """What the block does must be refused so; for InvalidInput, `code` may be one field's."""
    with pytest.raises(kind) as caught:
        yield
    error = caught.value
    codes = {error.code, *(fault.code for fault in error.fields)} if isinstance(error, InvalidInput) else {error.code}
    assert code in codes
