"""Reads the files under docker/ as Docker, compose and nginx would, for the parts of their languages that are used."""

import base64
import json
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

ROOT = Path(__file__).resolve().parents[2]
DOCKER = ROOT / "docker"
PRODUCT = ("app", "worker", "migrate")
VARIABLE = re.compile(r"\$\{([A-Z_]+)(?::(?P<how>[?-])(?P<rest>[^}]*))?\}")


class NotSet(Exception):
    """A variable that compose insists on is missing or empty."""


def compose() -> dict[str, Any]:
    """The compose file with its anchors and merges resolved, variables still in it."""
    loaded: dict[str, Any] = yaml.safe_load((DOCKER / "compose.yaml").read_text())
    return loaded


# What may stay empty: without it the product does less, and says so on its page.
MAY_BE_EMPTY = {"WECHAT_TEMPLATES"}


def env_example() -> dict[str, str]:
    lines = (DOCKER / "env.example").read_text().splitlines()
    pairs = [line.split("=", 1) for line in lines if line and not line.startswith("#")]
    assert all(len(pair) == 2 for pair in pairs)
    return dict(pairs)


def filled_in() -> dict[str, str]:
    """The example as somebody fills it in, by the commands that its comments name."""
    made = {
        "SECRET_KEY": secrets.token_hex(32),
        "AUDIT_KEY": secrets.token_hex(32),
        "FIELD_KEYS": "k1:" + base64.b64encode(secrets.token_bytes(32)).decode(),
        "DATABASE_PASSWORD": secrets.token_hex(24),
        "DATABASE_ROOT_PASSWORD": secrets.token_hex(24),
        "REDIS_PASSWORD": secrets.token_hex(24),
        "WECHAT_APP_ID": "wx" + secrets.token_hex(8),
        "WECHAT_APP_SECRET": secrets.token_hex(16),
        "METRICS_TOKEN": secrets.token_hex(24),
    }
    return {name: value or ("" if name in MAY_BE_EMPTY else made[name]) for name, value in env_example().items()}


def interpolated(text: str, environment: dict[str, str]) -> str:
    """Compose's `${X:?}` (must be set), `${X:-default}` and `${X}`."""

    def value(found: re.Match[str]) -> str:
        given = environment.get(found[1], "")
        if not given and found["how"] == "?":
            raise NotSet(found[1])
        return given or (found["rest"] if found["how"] == "-" else "")

    return VARIABLE.sub(value, text)


def environment_of(service: str, environment: dict[str, str]) -> dict[str, str]:
    """What a container of the service finds in its environment: the image's and compose's."""
    given = compose()["services"][service].get("environment", {})
    own = image_environment() if service in PRODUCT else {}
    return {**own, **{name: interpolated(value, environment) for name, value in given.items()}}


class Instruction(NamedTuple):
    """One line of the Dockerfile, continuations joined. `stage`: 0 for the first FROM."""

    stage: int
    name: str
    words: str


def dockerfile() -> list[Instruction]:
    text = re.sub(r"^\s*#.*\n", "", (DOCKER / "Dockerfile").read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    found, stage = [], -1
    for line in filter(None, map(str.strip, text.splitlines())):
        name, _, words = line.partition(" ")
        stage += name == "FROM"
        found.append(Instruction(stage, name, " ".join(words.split())))
    return found


def runtime() -> list[Instruction]:
    """The instructions of the last stage, which is what runs."""
    last = dockerfile()[-1].stage
    return [instruction for instruction in dockerfile() if instruction.stage == last]


def image_environment() -> dict[str, str]:
    pairs = [word.split("=", 1) for each in runtime() if each.name == "ENV" for word in each.words.split()]
    return dict(pairs)


def exec_form(name: str) -> list[str]:
    """The words of the runtime's ENTRYPOINT or CMD."""
    words: list[str] = json.loads(next(each.words for each in runtime() if each.name == name))
    return words


class Block(NamedTuple):
    """An nginx directive: its words, and its own directives where it has braces."""

    words: tuple[str, ...]
    inner: tuple["Block", ...] | None

    def named(self, name: str) -> list["Block"]:
        """Its direct directives of this name."""
        return [block for block in self.inner or () if block.words[0] == name]

    def value(self, *words: str) -> str:
        """What follows `words` in its one directive that begins with them."""
        found = [block.words[len(words) :] for block in self.inner or () if block.words[: len(words)] == words]
        assert len(found) == 1, (words, found)
        return " ".join(found[0])

    def walk(self) -> Iterator["Block"]:
        yield self
        for block in self.inner or ():
            yield from block.walk()


TOKEN = re.compile(r"""\s*(?:\#[^\n]*|("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|([{};])|([^\s{};"'#]+))""")


def nginx() -> Block:
    """The nginx file as a tree. Raises AssertionError where braces, quotes or semicolons do not fit."""
    text = (DOCKER / "nginx.conf").read_text().strip()
    tokens, position = [], 0
    while position < len(text):
        match = TOKEN.match(text, position)
        assert match, f"nginx.conf: {text[position : position + 40]!r}"
        position = match.end()
        if match[0].strip() and not match[0].strip().startswith("#"):
            tokens.append(match[1] or match[2] or match[3])
    blocks, rest = _blocks(tokens)
    assert not rest, f"nginx.conf: one brace too many before {rest[:5]}"
    return Block(("nginx.conf",), blocks)


def _blocks(tokens: list[str]) -> tuple[tuple[Block, ...], list[str]]:
    found: list[Block] = []
    words: list[str] = []
    while tokens:
        token, tokens = tokens[0], tokens[1:]
        if token == "}":
            assert not words, f"nginx.conf: no semicolon after {words}"
            return tuple(found), ["}", *tokens]
        if token == "{":
            inner, tokens = _blocks(tokens)
            assert words, "nginx.conf: a block without a name"
            assert tokens[:1] == ["}"], f"nginx.conf: {words} is not closed"
            tokens = tokens[1:]
            found.append(Block(tuple(words), inner))
            words = []
        elif token == ";":
            assert words, "nginx.conf: a semicolon too many"
            found.append(Block(tuple(words), None))
            words = []
        else:
            words.append(token)
    assert not words, f"nginx.conf: no semicolon after {words}"
    return tuple(found), []
