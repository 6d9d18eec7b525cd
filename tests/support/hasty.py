"""The product asked to end early: `python -m tests.support.hasty <moment>` serves and sends itself one SIGTERM then.

The moments are Sanic's names: `before_server_start` while it opens, `after_server_start` when it listens and answers
already but does not yet run for good. The latter makes sure of it: it is asked to end from within its first answer.
"""

import asyncio
import os
import signal
import sys
from typing import Any

from sanic import Sanic

from server import cli
from server.app import create_app
from server.cli import serving
from server.settings import Settings


def _hasty_app(settings: Settings) -> "Sanic[Any, Any]":
    app, moment = create_app(settings), sys.argv[1]

    async def ask(app: "Sanic[Any, Any]") -> None:
        if moment == "after_server_start":
            reader, writer = await asyncio.open_connection(settings.host, settings.port)
            writer.write(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            assert b" 200 " in await reader.read()
            writer.close()
        os.kill(os.getpid(), signal.SIGTERM)

    app.register_listener(ask, moment)
    return app


if __name__ == "__main__":
    setattr(serving, "create_app", _hasty_app)  # noqa: B010 - what `serve` would make
    sys.exit(cli.main(["serve"]))
