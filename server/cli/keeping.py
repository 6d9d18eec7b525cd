"""Keeping what there is: backup and restore, another key for what is sealed, and checking that all is as it was."""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from server.backup.bring_back import restore
from server.backup.make import make_backup
from server.backup.manifest import Manifest, Progress
from server.cli.databases import run_alone
from server.kernel.audit.export import verify_export
from server.kernel.audit.verify import verify_audit
from server.migrations.runner import check_schema
from server.opening import database_file, opened, sole_process
from server.reencryption import reencrypt
from server.settings import Settings, SettingsError, load_secrets
from server.verification import verify_ledger
from server.web.logs import configure_logs

_VERIFY_SECONDS = 6 * 3600.0


def back_up(settings: Settings, options: argparse.Namespace) -> int:
    """`backup`: 1 where a file was missing and so not kept."""
    configure_logs("WARNING")

    async def run() -> Manifest:
        async with opened(settings) as runtime:
            await check_schema(runtime.database)
            return await make_backup(settings, options.to, _progress())

    manifest = asyncio.run(run())
    print(
        f"已备份到 {options.to}：{manifest.stored_files:,} 个文件，审计 {manifest.audit_count:,} 条。"
        "密钥不在备份里，请另外存放。"
    )
    for sha256 in manifest.missing:
        print(f"文件缺失或损坏，没有备份：{sha256}")
    return 1 if manifest.missing else 0


def bring_back(settings: Settings, options: argparse.Namespace) -> int:
    """`restore`, and the checks after it."""
    configure_logs("WARNING")
    with sole_process(settings):
        manifest = asyncio.run(restore(settings, options.folder, _progress()))
        print(f"已恢复 {manifest.made_at} 的备份；所有人须重新登录。现在核对：")
        return max(_verify_one(settings, what) for what in _CHECKS)


def _progress() -> Progress:
    """A line on standard error at each tenth: a big backup takes its time, and logs must not drown in it."""
    told: dict[str, int] = {}

    def tell(what: str, done: int, total: int) -> None:
        tenth = 10 * done // max(total, 1)
        if told.get(what) != tenth:
            told[what] = tenth
            print(f"{what} {tenth * 10}%", file=sys.stderr, flush=True)

    return tell


def seal_anew(settings: Settings, options: argparse.Namespace) -> int:
    """`reencrypt`: 1 where something could not be read."""
    said, is_done = run_alone(settings, reencrypt)
    print("\n".join(said))
    return 0 if is_done else 1


def verify(settings: Settings, options: argparse.Namespace) -> int:
    """`verify`: 1 where something differs."""
    if options.what == "export":
        return _tell(asyncio.run(_verify_export(settings, options.file)))
    return _verify_one(settings, options.what)


async def _verify_export(settings: Settings, file: Path | None) -> list[str]:
    async with opened(settings) as runtime:
        await check_schema(runtime.database)
        return await verify_export(load_secrets(settings).audit, file)


def _verify_one(settings: Settings, what: str) -> int:
    if settings.is_embedded and not database_file(settings).exists():
        raise SettingsError(f"{settings.data_dir} 里没有数据库：请核对 DATA_DIR")

    async def check() -> list[str]:
        async with opened(settings) as runtime:
            await check_schema(runtime.database)
            # A whole ledger takes longer than any page may.
            runtime.read_seconds = _VERIFY_SECONDS
            return await _CHECKS[what](settings)

    return _tell(asyncio.run(check()))


def _tell(faults: list[str]) -> int:
    for fault in faults:
        print(fault)
    print(f"发现 {len(faults)} 处差异" if faults else "核对一致，没有差异")
    return 1 if faults else 0


async def _verify_audit(settings: Settings) -> list[str]:
    return await verify_audit(load_secrets(settings).audit, settings.anchor_file)


_CHECKS: dict[str, Callable[[Settings], Awaitable[list[str]]]] = {"audit": _verify_audit, "ledger": verify_ledger}
