"""The command line: `python -m server <command>`."""

import sys
from collections.abc import Callable

from server.backup.manifest import BackupError
from server.cli.parser import make_parser
from server.installation import InstallationError
from server.kernel.errors import DomainError, InvalidInput
from server.kernel.messages import sentence_for
from server.kernel.storage.faults import is_away, is_no_database, is_refused
from server.migrations.runner import SchemaError
from server.settings import Settings, SettingsError


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    options = make_parser().parse_args(arguments)
    try:
        settings = Settings.from_environment()
        code: int = options.run(settings, options)
        return code
    except Exception as error:  # what an operator can put right is said in a sentence; a fault of ours keeps its trace
        sentence = _sentence_for(error)
        if sentence is None:
            raise
        print(sentence, file=sys.stderr)
        return 2


def _sentence_for(error: Exception) -> str | None:
    if isinstance(error, SettingsError | SchemaError):
        return f"无法启动：{error}"
    if isinstance(error, InstallationError | BackupError):
        return f"没有办成：{error}"
    if isinstance(error, DomainError):
        fields = error.fields if isinstance(error, InvalidInput) else []
        return "\n".join(
            [f"没有办成：{sentence_for(error)}", *(f"  {each.field}：{sentence_for(each)}" for each in fields)]
        )
    return next((sentence for is_it, sentence in _STORAGE if is_it(error)), None)


_STORAGE: tuple[tuple[Callable[[BaseException], bool], str], ...] = (
    (is_no_database, "无法启动：DATA_DIR 里的数据库文件不是 SQLite 数据库或已损坏，请核对 DATA_DIR，或从备份恢复"),
    (is_refused, "无法启动：数据库拒绝连接，请核对 DATABASE_URL 的用户、口令与库名"),
    (is_away, "无法启动：数据库不应答，请确认它已启动、DATABASE_URL 的主机与端口正确"),
)
