"""Which modules hold models: found by their file name, so that no list can forget one."""

from pathlib import Path

_SERVER = Path(__file__).parent.parent


def model_modules() -> list[str]:
    """Dotted names of every `models.py` and every module of a `models/` package under `server/`, in a domain's own
    sub-packages too."""
    files = sorted([*_SERVER.glob("*/**/models.py"), *_SERVER.glob("*/**/models/*.py")])
    names = [".".join(("server", *path.relative_to(_SERVER).with_suffix("").parts)) for path in files]
    return [name.removesuffix(".__init__") for name in names]
