"""Setting an installation up: the first unit and its three administrators, divisions, categories."""

import argparse

from server.cli.databases import run_alone
from server.installation import (
    Installation,
    Newcomer,
    install,
    load_categories,
    load_regions,
)
from server.settings import Settings


def set_up(settings: Settings, options: argparse.Namespace) -> int:
    """`install`: prints the three first passwords, once."""
    plan = Installation(
        unit_code=options.unit_code,
        unit_name=options.unit_name,
        unit_short_name=options.unit_short_name,
        unit_region=options.unit_region,
        unit_kind=options.unit_kind,
        administrators=(options.system_admin, options.security_admin, options.audit_admin),
        regions=options.regions,
        categories=options.categories,
    )
    appointed = run_alone(settings, lambda: install(plan))
    print(f"已安装：{plan.unit_name}。下面的初始口令只显示这一次，请当面交付；首次登录须改口令并绑定动态口令。")
    print("没有看到或没有记下？三人都还没有登录时，原样再执行一次，会换发一组新的，先前的随即作废。")
    for each in appointed:
        print(f"  {each.name}\t{each.login_name}\t{each.password}")
    return 0


def load(settings: Settings, options: argparse.Namespace) -> int:
    """`load`: divisions or categories, from a file."""
    if options.what == "regions":
        print(f"区划文件共 {run_alone(settings, lambda: load_regions(options.file))} 行，已载入")
        return 0
    done = run_alone(settings, lambda: load_categories(options.file))
    print(f"分类：新增 {done.added}，改动 {done.changed}，不变 {done.unchanged}")
    return 0


def newcomer(role: str, text: str) -> Newcomer:
    """An administrator as typed, `name:login name`. Raises ArgumentTypeError."""
    name, _, login_name = text.replace("：", ":").partition(":")
    if not (name.strip() and login_name.strip()):
        raise argparse.ArgumentTypeError(f"须写成 姓名:登录名，如 沈建国:shen.jianguo（收到 {text}）")
    return Newcomer(role, name.strip(), login_name.strip())
