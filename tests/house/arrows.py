"""Who may import what, where import contracts cannot say it: single modules, and outside packages."""

from collections.abc import Iterator

from tests.house.findings import DOORS, Finding, Source, imported_modules

# The composition root and the command line join what the others must keep apart.
JOINTS = {"app", "cli", "__main__", "migrations", "opening"}
WEB_IMPORTERS = {"web", "ingest", "app", "cli"}
SANIC_IMPORTERS = {"web", "ingest", "app", "cli", "__main__"}
WEB_MAY_IMPORT = {"web", "identity", "kernel", "settings"}
NOT_FOR_DOORS = {"models", "ops", "access", "jobs"}


def door_reaches_behind(source: Source) -> Iterator[Finding]:
    """A door calls `commands` and `queries` only: never models, ops, the lock functions or the ORM."""
    if source.package not in DOORS:
        return
    for line, module in imported_modules(source.tree):
        parts = module.split(".")
        if parts[0] == "tortoise":
            yield Finding(source.path, line, "door-orm", f"a door never touches the ORM ({module})")
        if parts[0] == "server" and len(parts) > 2 and set(parts[2:4]) & NOT_FOR_DOORS:
            yield Finding(source.path, line, "door-reach", f"a door calls commands and queries only, not {module}")


def domain_imports_models_of_another(source: Source) -> Iterator[Finding]:
    """A domain asks another's `queries` or `ops`; its models are its own."""
    if source.package != "server" or source.domain in JOINTS:
        return
    for line, module in imported_modules(source.tree):
        parts = module.split(".")
        is_other = parts[0] == "server" and len(parts) > 2 and parts[1] != source.domain
        if is_other and "models" in parts[2:4]:
            yield Finding(
                source.path, line, "foreign-models", f"{source.domain} imports {module}; call its queries or ops"
            )


def domain_imports_sanic(source: Source) -> Iterator[Finding]:
    """The core knows no web server, except where doors are joined."""
    if source.package != "server" or source.domain in SANIC_IMPORTERS:
        return
    for line, module in imported_modules(source.tree):
        if module.split(".")[0].startswith("sanic"):
            yield Finding(source.path, line, "sanic-in-core", f"{source.domain} imports {module}")


def web_arrow(source: Source) -> Iterator[Finding]:
    """`web` imports identity and kernel only, and only doors, ingest, app and cli import `web`."""
    if source.package != "server":
        return
    for line, module in imported_modules(source.tree):
        parts = module.split(".")
        if parts[0] != "server" or len(parts) < 2:
            continue
        if source.domain == "web" and parts[1] not in WEB_MAY_IMPORT:
            yield Finding(source.path, line, "web-arrow", f"web stands on identity and kernel only, not on {module}")
        if parts[1] == "web" and source.domain not in WEB_IMPORTERS:
            yield Finding(source.path, line, "web-arrow", f"{source.domain} imports {module}; web is for doors and app")


LINTS = (door_reaches_behind, domain_imports_models_of_another, domain_imports_sanic, web_arrow)
