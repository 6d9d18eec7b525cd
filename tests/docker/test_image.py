"""The image: what it is made from exists, and what runs is not root, has no compiler and answers for itself."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from server.files.papers.fonts import NAMES, find_font
from tests.docker.files import DOCKER, ROOT, dockerfile, exec_form, image_environment, runtime
from tests.support.process import HOST, free_port

FRONT = ROOT / "node_modules"
DOORS = ("storefront", "admin", "miniapp_api")


def copied(*, from_stage: bool) -> list[str]:
    """Sources of every COPY, from the context or from an earlier stage."""
    found = []
    for each in dockerfile():
        if each.name == "COPY" and each.words.startswith("--from=") == from_stage:
            found += [word for word in each.words.split()[:-1] if not word.startswith("--")]
    return found


def commands(stage_has: str) -> str:
    """All RUN lines of the stages that use a base of this name."""
    stages = {each.stage for each in dockerfile() if each.name == "FROM" and stage_has in each.words}
    return "\n".join(each.words for each in dockerfile() if each.name == "RUN" and each.stage in stages)


def test_sources_exist_and_reach_the_builder_when_copied():
    kept = [line[1:] for line in (DOCKER / "Dockerfile.dockerignore").read_text().splitlines() if line.startswith("!")]
    assert (DOCKER / "Dockerfile.dockerignore").read_text().splitlines()[1] == "*"
    sources = copied(from_stage=False)
    assert sorted(sources) == sorted(kept)
    assert [source for source in sources if not (ROOT / source).exists()] == []


def test_every_package_of_the_product_is_in_the_image_when_it_runs():
    for package in ("server", *DOORS):
        assert f"/app/{package}" in copied(from_stage=True)
        assert (ROOT / package / "__init__.py").is_file()


def test_packages_are_installed_by_hash_and_nothing_is_built_when_made():
    python = commands("python")
    for option in ("--require-hashes", "--no-deps", "--only-binary :all:", "-r requirements.lock"):
        assert option in python
    assert "npm ci --ignore-scripts --omit=dev" in commands("node")


def test_static_files_and_fonts_are_where_the_product_looks_when_it_runs():
    from server.web.assets import BUILD

    assert "python scripts/build_static.py" in commands("AS build")
    assert "/app/build" in copied(from_stage=True)
    assert BUILD.relative_to(ROOT).as_posix() == "build/static"
    assert image_environment()["FONT_DIR"] == "/app/build/fonts"
    words = commands("AS build").split()
    fonts = [word for word in words if word.startswith("node_modules/") and word.endswith(".ttf")]
    assert [font.rpartition("/")[2] for font in fonts] == [names[0] for names in NAMES.values()]
    for weight, font in zip(NAMES, fonts, strict=True):
        assert find_font(weight, [(ROOT / font).parent]) == ROOT / font


def test_what_runs_is_neither_root_nor_able_to_compile_when_started():
    assert [each.words for each in runtime() if each.name == "USER"] == ["10001:10001"]
    run = "\n".join(each.words for each in runtime() if each.name == "RUN")
    assert "apt-get" not in run
    assert "pip uninstall" in run
    assert "--uid 10001" in run
    assert "slim" in runtime()[0].words


def test_image_starts_the_product_when_run_without_words():
    assert exec_form("ENTRYPOINT") == ["python", "-m", "server"]
    assert (ROOT / "server" / "__main__.py").is_file()
    assert [each.words for each in runtime() if each.name == "EXPOSE"] == [image_environment()["PORT"]]


@contextmanager
def answering(status: int) -> Iterator[tuple[int, list[tuple[str, str]]]]:
    """A web server that answers everything with `status`. Yields its port and the (path, Host) pairs it was asked."""
    asked: list[tuple[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append((self.path, self.headers["Host"]))
            self.send_response(status)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: the test's output stays readable."""

    with HTTPServer((HOST, 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port, asked
        finally:
            server.shutdown()
            thread.join()


def exit_code(port: int, hosts: str = "") -> int:
    words = exec_form_of_healthcheck()
    assert words == ["python", "healthcheck.py"]
    done = subprocess.run(
        [sys.executable, DOCKER / "healthcheck.py"],
        env={"PORT": str(port), "TRUSTED_HOSTS": hosts},
        stderr=subprocess.PIPE,
        timeout=20,
        check=False,
    )
    return done.returncode


def exec_form_of_healthcheck() -> list[str]:
    words = next(each.words for each in runtime() if each.name == "HEALTHCHECK")
    return [word.strip('"[], ') for word in words.partition("CMD ")[2].split()]


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1), (403, 1)])
def test_container_is_healthy_only_when_the_product_says_it_is_ready(status, code):
    with answering(status) as (port, asked):
        assert exit_code(port, "gwc.example.gov.cn,other.gov.cn") == code
        assert asked == [("/readyz", "gwc.example.gov.cn")]


def test_container_is_unhealthy_when_nobody_answers():
    assert exit_code(free_port()) == 1
