"""Every code that the product can raise has a Chinese sentence, and what fills it goes with it."""

import ast
import re
import string
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sanic import Sanic

from server.app import create_app
from server.kernel import errors
from server.kernel.ids import new_id
from server.kernel.messages import all_messages
from server.settings import Settings
from tests.house.findings import called_name

ROOT = Path(__file__).resolve().parents[2]
CODE = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_.]*")
ERRORS = {name for name, each in vars(errors).items() if isinstance(each, type) and name != "DomainError"}
# Ways to a field's fault: which argument is the code.
FAULTS = {"FieldError": 1, "fault": 1, "add": 1, "_fault": 1, "_note": 1}


@dataclass(frozen=True)
class Raised:
    """One code where it is raised; `data` are the names given with it, None where they cannot be read off."""

    place: str
    code: str
    data: frozenset[str] | None


def raised() -> list[Raised]:
    """Every error made anywhere in the product, with a code written where it is made."""
    folders = ("server", "miniapp_api", "storefront", "admin")
    files = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return [each for path in files for each in _of(path)]


def _of(path: Path) -> Iterator[Raised]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            for code in codes_of(node):
                names = [keyword.arg for keyword in node.keywords]
                data = None if None in names else frozenset(name for name in names if name)
                yield Raised(f"{path.relative_to(ROOT)}:{node.lineno}", code, data)


def codes_of(node: ast.Call) -> Iterator[str]:
    """The codes in a call that makes an error; a choice between two is two."""
    name = called_name(node).rsplit(".", 1)[-1]
    position = 0 if name in ERRORS else FAULTS.get(name)
    if name == "FieldError":
        position = 1
    if position is None or len(node.args) <= position:
        return
    # A part of a code that is put together says nothing by itself.
    joined = {part for each in ast.walk(node) if isinstance(each, ast.JoinedStr) for part in ast.walk(each)}
    for each in ast.walk(node.args[position]):
        if each not in joined and isinstance(each, ast.Constant) and CODE.fullmatch(str(each.value)):
            yield str(each.value)


@pytest.fixture
def catalogue(settings: Settings) -> dict[str, str]:
    """The sentences of the whole product."""
    Sanic.unregister_app(create_app(settings, name=f"gwc_{new_id()}"))
    return all_messages()


def test_every_code_has_a_sentence_when_it_is_raised(catalogue: dict[str, str]) -> None:
    found = raised()
    assert len({each.code for each in found}) > 100
    silent = [f"{each.place}: {each.code}" for each in found if each.code not in catalogue]
    assert not silent, "\n".join(silent)


def test_every_placeholder_is_filled_when_a_code_is_raised(catalogue: dict[str, str]) -> None:
    unfilled = []
    for each in raised():
        wanted = {name for _, name, _, _ in string.Formatter().parse(catalogue.get(each.code, "")) if name}
        if each.data is not None and not wanted <= each.data:
            unfilled.append(f"{each.place}: {each.code} wants {sorted(wanted - each.data)}")
    assert not unfilled, "\n".join(unfilled)


def test_every_sentence_is_chinese_and_says_what_to_do(catalogue: dict[str, str]) -> None:
    for code, sentence in catalogue.items():
        assert CODE.fullmatch(code), code
        assert re.search("[\u4e00-\u9fff]", sentence), code
        assert sentence.endswith(("。", "！", "？")), (code, sentence)
        assert "!" not in sentence, code
