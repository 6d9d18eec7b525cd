"""Binds the models to a dialect. The ORM never holds a connection of its own: every call names the transaction's."""

from collections.abc import Sequence

from tortoise import Tortoise
from tortoise.context import get_current_context

from server.kernel.storage.database import Dialect

_ENGINES = {"sqlite": "server.kernel.storage.sqlite_engine", "mariadb": "server.kernel.storage.mysql_engine"}
_CREDENTIALS: dict[str, dict[str, str | int]] = {
    "sqlite": {"file_path": ":memory:"},
    "mariadb": {"user": "", "password": "", "database": "", "host": "", "port": 0},
}


_bound: list[tuple[Dialect, tuple[str, ...]]] = []


async def bind_models(dialect: Dialect, modules: Sequence[str]) -> None:
    """Read the models of `modules` for one dialect. One dialect per process: the ORM caches SQL by connection name.

    What is bound so already stays bound: nothing in it belongs to one opening, and reading it takes a while.
    """
    wanted = (dialect, tuple(modules))
    if _bound == [wanted] and get_current_context() is not None:
        return
    if get_current_context() is not None:
        await Tortoise.close_connections()
    await Tortoise.init(
        config={
            "connections": {"default": {"engine": _ENGINES[dialect], "credentials": _CREDENTIALS[dialect]}},
            "apps": {"models": {"models": list(modules), "default_connection": "default"}},
        },
        timezone="UTC",
        use_tz=True,
        _enable_global_fallback=True,
    )
    _bound[:] = [wanted]
