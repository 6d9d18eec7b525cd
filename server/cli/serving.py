"""What stays and answers: the demo, the web processes, the worker; and bringing the schema up to date."""

import argparse
import asyncio
import contextlib
import logging
import signal
import socket

from server import wiring
from server.app import create_app
from server.cli.databases import is_current, migrate_configured, refuse_wrong_database
from server.demo import run_demo
from server.jobs.loop import BackgroundLoops
from server.key_check import check_keys
from server.listening import listen
from server.migrations.runner import check_schema
from server.opening import opened, sole_process
from server.settings import Settings, SettingsError, load_secrets
from server.supervisor import Supervisor
from server.web.logs import configure_logs
from server.web.serving import serve_over

_log = logging.getLogger("server.worker")


def run_demo_here(settings: Settings, options: argparse.Namespace) -> int:
    """`demo`: a filled database under DATA_DIR, served at once. Refused in production and with a database server."""
    configure_logs("WARNING")
    if settings.is_production:
        raise SettingsError("演示的账号口令人人知道，不能用在正式环境：请去掉 ENVIRONMENT=production")
    if not settings.is_embedded:
        raise SettingsError("演示只用内置存储：请去掉 DATABASE_URL")
    # Listening first: where the address is taken, nobody waits for the data, and nothing is called ready that is not.
    with sole_process(settings), listen(settings.host, settings.port) as listening:
        asyncio.run(run_demo(settings))
        serve_over(create_app(settings), listening)
    return 0


def serve(settings: Settings, options: argparse.Namespace) -> int:
    """`serve`: one web process, or several under a supervisor."""
    configure_logs()
    with sole_process(settings):
        asyncio.run(refuse_wrong_database(settings))
        if settings.workers > 1:
            return Supervisor(settings.host, settings.port, settings.workers).run()
        with listen(settings.host, settings.port) as listening:
            serve_over(create_app(settings), listening)
    return 0


def serve_one(settings: Settings, options: argparse.Namespace) -> int:
    """`serve-one`: a web process over the socket that its supervisor listens on."""
    configure_logs()
    with socket.socket(fileno=options.socket) as listening:
        serve_over(create_app(settings), listening)
    return 0


def worker(settings: Settings, options: argparse.Namespace) -> int:
    """`worker`: the background loops alone."""
    configure_logs()
    if settings.is_embedded:
        raise SettingsError("SQLite 时后台任务就在网页进程里，不能另起 worker")
    asyncio.run(_work(settings))
    return 0


async def _work(settings: Settings) -> None:
    # First of all: asked to end while it still opens, it closes what is open.
    ending = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, ending.set)
    wiring.wire(settings)
    async with contextlib.AsyncExitStack() as stack:
        runtime = await stack.enter_async_context(opened(settings))
        await check_schema(runtime.database)
        await check_keys(runtime.database, load_secrets(settings))
        await wiring.open_gateways(settings, stack)
        loops = BackgroundLoops(load_secrets(settings).audit)
        loops.start()
        stack.push_async_callback(loops.stop)
        _log.info("background loops are running")
        await ending.wait()


def bring_up_to_date(settings: Settings, options: argparse.Namespace) -> int:
    """`migrate`."""
    if not asyncio.run(is_current(settings)):
        with sole_process(settings):
            applied = asyncio.run(migrate_configured(settings))
            print("已升级：" + "、".join(applied))
            return 0
    print("数据库已是最新版本")
    return 0
