"""Each lint finds its bad sample and leaves the good one alone."""

import pytest

from tests.house.__main__ import lint, lint_file
from tests.house.addresses import addresses
from tests.house.findings import ROOT, Source, project_files

BAD = [
    ("door-reach", "admin/cards.py", "from server.assets import models"),
    ("door-reach", "admin/cards.py", "from server.assets.models import Asset"),
    ("door-reach", "storefront/cards.py", "import server.assets.ops"),
    ("door-reach", "miniapp_api/cards.py", "from server.circulation.access import get_borrowing_for_decision"),
    ("door-orm", "miniapp_api/cards.py", "from tortoise.expressions import Q"),
    ("foreign-models", "server/circulation/commands.py", "from server.assets.models import Asset"),
    ("foreign-models", "server/assets/queries.py", "from server.kernel import models"),
    ("sanic-in-core", "server/assets/commands.py", "from sanic import Request"),
    ("sanic-in-core", "server/kernel/command.py", "import sanic_ext"),
    ("web-arrow", "server/web/render.py", "from server.assets.queries import get_card"),
    ("web-arrow", "server/assets/commands.py", "from server.web.errors import render"),
    ("money-float", "server/assets/types.py", "price = float(row['price_fen'] if row else price_fen)"),
    ("money-float", "server/assets/types.py", "half = asset.value_fen / 2"),
    ("money-float", "server/assets/types.py", "def pay(amount: float) -> None: ..."),
    ("money-float", "server/assets/types.py", "class Bid:\n    deposit_fen: float | None"),
    ("naive-datetime", "server/kernel/clock.py", "from datetime import datetime\nnow = datetime.now()"),
    ("naive-datetime", "server/kernel/clock.py", "import datetime\nnow = datetime.datetime.utcnow()"),
    ("naive-datetime", "tests/kernel/test_clock.py", "from datetime import datetime\nx = datetime.fromtimestamp(0)"),
    ("swallowed-error", "server/jobs/loop.py", "try:\n    run()\nexcept Exception:\n    pass  # never mind"),
    ("swallowed-error", "server/jobs/loop.py", "for x in y:\n    try:\n        run()\n    except:\n        continue"),
    ("blind-except", "server/jobs/loop.py", "try:\n    run()\nexcept (ValueError, Exception):\n    log()"),
    ("blind-except", "server/jobs/loop.py", "try:\n    run()\nexcept Exception:  # noqa: BLE001\n    log()"),
    ("long-function", "server/jobs/loop.py", "def run():\n" + "    step()\n" * 60),
    ("long-file", "server/jobs/loop.py", "step()\n" * 401),
    ("test-sleep", "tests/jobs/test_loop.py", "import asyncio\nasync def wait():\n    await asyncio.sleep(0.1)"),
    ("test-sleep", "tests/factories/asset.py", "import time\ntime.sleep(1)"),
    ("test-skip", "tests/jobs/test_loop.py", "import pytest\n@pytest.mark.skip\ndef test_a():\n    assert run()"),
    (
        "test-skip",
        "tests/jobs/test_loop.py",
        "import pytest\ndef test_a():\n    pytest.xfail('later')\n    assert run()",
    ),
    ("test-asserts", "tests/jobs/test_loop.py", "async def test_a():\n    await run()"),
    ("test-asserts", "tests/jobs/test_loop.py", "def test_a():\n    assert True"),
]

GOOD = [
    ("admin/cards.py", "from server.assets import commands, queries\nfrom server.web import render"),
    (
        "server/circulation/commands.py",
        "from server.assets import ops\nfrom server.circulation.models import Borrowing",
    ),
    ("server/app.py", "from sanic import Sanic\nfrom server.web import middleware\nimport admin"),
    ("server/web/auth.py", "from server.identity.queries import find_session\nfrom sanic import Request"),
    ("server/assets/types.py", "ratio = float(text)\nshare = days / 7\nhalf, rest = divmod(price_fen, 2)"),
    (
        "server/kernel/clock.py",
        "from datetime import UTC, datetime\nnow = datetime.now(UTC)\nx = datetime.fromtimestamp(0, UTC)",
    ),
    (
        "server/jobs/loop.py",
        "try:\n    run()\nexcept Exception:\n    # one job's fault must not stop the others\n    log()",
    ),
    ("server/jobs/loop.py", "try:\n    run()\nexcept BaseException:\n    clean()\n    raise"),
    ("server/jobs/loop.py", "try:\n    run()\nexcept KeyError:\n    pass"),
    ("tests/support/waiting.py", "import asyncio\nasync def wait():\n    await asyncio.sleep(0.1)"),
    ("tests/jobs/test_loop.py", "import asyncio\nasync def test_a():\n    await asyncio.sleep(0)\n    assert run()"),
    ("tests/jobs/test_loop.py", "import pytest\ndef test_a():\n    with pytest.raises(ValueError):\n        run()"),
]


def rules(path: str, text: str) -> set[str]:
    return {finding.rule for finding in lint(Source.parse(path, text))}


@pytest.mark.parametrize(("rule", "path", "text"), BAD)
def test_rule_is_reported_when_broken(rule: str, path: str, text: str) -> None:
    assert rules(path, text) == {rule}


@pytest.mark.parametrize(("path", "text"), GOOD)
def test_nothing_is_reported_when_kept(path: str, text: str) -> None:
    assert rules(path, text) == set()


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("index-address", "--index-url " + "https://example.test/simple"),
        ("index-address", "RUN pip install --extra-index-url=x y"),
        ("index-address", '      "resolved": "https://example.test/htmx.org.tgz"'),
        ("index-address", "https://files.python" + "hosted.org/packages/x.whl"),
        ("index-address", "registry = https://registry.npm" + "js.org"),
        ("machine-path", "DATA_DIR=/home/zhang/data"),
        ("machine-path", "see /root/.cache/x"),
    ],
)
def test_address_is_reported_when_a_file_names_one(rule: str, text: str) -> None:
    assert {finding.rule for finding in addresses("docs/x.md", text)} == {rule}


def test_address_is_left_alone_when_it_is_the_product_s_own() -> None:
    text = (
        "http://127.0.0.1:8000/admin/ /var/lib/gongwucang /app/server pip install --require-hashes -r requirements.lock"
    )
    assert list(addresses("docs/x.md", text)) == []


def test_line_is_named_when_a_finding_is_printed() -> None:
    (finding,) = lint(Source.parse("server/jobs/loop.py", "run()\n\nhalf = price_fen / 2\n"))
    assert str(finding).startswith("server/jobs/loop.py:3: money-float: ")


def test_real_files_are_looked_at_when_the_tree_is_walked() -> None:
    names = {path.relative_to(ROOT).as_posix() for path in project_files()}
    assert {"server/kernel/errors.py", "requirements.lock", "Makefile"} <= names
    assert not any(name.startswith((".venv/", "node_modules/")) for name in names)


def test_tooling_is_clean_when_linted() -> None:
    own = [path for folder in ("scripts", "tests/house", "tests/support") for path in (ROOT / folder).glob("*.py")]
    assert len(own) > 10
    assert [finding for path in own for finding in lint_file(path)] == []
