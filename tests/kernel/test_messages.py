"""The catalogue: each code that the product can raise has one Chinese sentence whose blanks its data fills."""

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

import admin.messages
import miniapp_api
import storefront
from server import wiring
from server.kernel.errors import DomainError, FieldError, InvalidInput, LimitReached
from server.kernel.messages import all_messages, has_message, register_messages, sentence_for
from server.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
ERRORS = ("InvalidInput", "Unauthenticated", "Forbidden", "NotFound", "StateConflict", "LimitReached", "Unavailable")
# Where the code stands among the arguments of what makes an error.
PLACES = {**dict.fromkeys((*ERRORS, "InternalError"), 0), "FieldError": 1, "fault": 1, "add": 1}
CODE = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)+")


@pytest.fixture(autouse=True)
def wired(settings: Settings) -> None:
    wiring.wire(settings)


def codes_of(path: Path) -> Iterator[str]:
    """The codes that a file's errors are made with."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        name = getattr(node.func, "id", getattr(node.func, "attr", "")) if isinstance(node, ast.Call) else ""
        if isinstance(node, ast.Call) and name in PLACES:
            yield from (text for text in map(text_of, node.args[PLACES[name] :][:1]) if CODE.fullmatch(text))


def text_of(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def test_every_code_has_a_sentence_when_the_code_raises_it():
    doors = [Path(door.__path__[0]) for door in (admin, storefront, miniapp_api)]
    files = [path for folder in (ROOT / "server", *doors) for path in folder.rglob("*.py")]
    raised = {code for path in files for code in codes_of(path)}
    assert len(raised) > 100
    assert sorted(code for code in raised if not has_message(code)) == []


def test_every_sentence_is_chinese_and_whole_when_people_read_it():
    for code, sentence in all_messages().items():
        assert CODE.fullmatch(code), code
        assert re.search("[\u4e00-\u9fff]", sentence), code
        assert all(name is None or name.isidentifier() for _, name, _, _ in string.Formatter().parse(sentence)), code


def test_blanks_are_filled_when_the_error_has_data():
    assert sentence_for(LimitReached("request.too_often", retry_after=30)) == "操作太频繁，请 30 秒后再试。"
    assert sentence_for(FieldError("name", "input.too_long", limit=64)) == "内容太长，最多 64 个字。"


def test_fault_stays_visible_when_data_or_sentence_is_missing():
    assert "{limit}" in sentence_for(FieldError("name", "input.too_long"))
    assert sentence_for(DomainError("no.such_code")) == "no.such_code"


def test_data_is_never_read_as_a_pattern_when_it_looks_like_one():
    assert "{0.__class__}" in sentence_for(FieldError("name", "input.too_long", limit="{0.__class__}"))


def test_second_sentence_is_refused_when_the_code_has_one():
    register_messages({"input.required": all_messages()["input.required"]})
    with pytest.raises(ValueError, match=r"two sentences for input\.required"):
        register_messages({"input.required": "另一句"})
    assert sentence_for(InvalidInput("input.required")) == "请填写此项。"


def test_catalogue_is_not_changed_when_its_copy_is():
    all_messages()["input.required"] = "改了"
    assert all_messages()["input.required"] == "请填写此项。"
