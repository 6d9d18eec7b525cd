"""The words of the command line, and what each of them runs."""

import argparse
import functools
from pathlib import Path

from server.classification.catalogue import DEMO_CATALOGUE
from server.cli import installing, keeping, serving


def make_parser() -> argparse.ArgumentParser:
    """All commands; each sets `run`, which takes the settings and the options and returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m server", description="公物仓")
    commands = parser.add_subparsers(required=True, metavar="命令")
    for name, run, about in (
        ("demo", serving.run_demo_here, "建库、录入演示数据并启动（内置存储）"),
        ("serve", serving.serve, "启动网页与接口"),
        ("worker", serving.worker, "只跑后台任务（MariaDB 部署）"),
        ("migrate", serving.bring_up_to_date, "把数据库升级到本版本"),
    ):
        commands.add_parser(name, help=about).set_defaults(run=run)
    verify = commands.add_parser(
        "verify", help="核对：audit 审计链，ledger 资产账与履历，export 导出的审计记录；有差异时退出码非零"
    )
    verify.add_argument("what", choices=("audit", "ledger", "export"))
    verify.add_argument("file", nargs="?", type=Path, metavar="文件", help="verify export 时：导出的压缩包")
    verify.set_defaults(run=keeping.verify)
    _add_keeping(commands)
    sealing = commands.add_parser("reencrypt", help="把已加密的个人信息改用 FIELD_KEYS 里的第一把密钥")
    sealing.set_defaults(run=keeping.seal_anew)
    _add_installing(commands)
    one = commands.add_parser("serve-one", help="（由 serve 启动的单个进程）")
    one.add_argument("socket", type=int)
    one.set_defaults(run=serving.serve_one)
    return parser


def _add_keeping(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    backup = commands.add_parser("backup", help="备份数据库、文件与审计锚点到一个新目录；服务不必停")
    backup.add_argument(
        "--to", type=Path, required=True, metavar="目录", help="空的或尚不存在的目录，如 备份/2026-11-27"
    )
    backup.set_defaults(run=keeping.back_up)
    restore = commands.add_parser("restore", help="把备份恢复到空的数据目录或空库；逐项核对后才写入")
    restore.add_argument("--from", dest="folder", type=Path, required=True, metavar="目录", help="backup 写出的目录")
    restore.set_defaults(run=keeping.bring_back)


def _add_installing(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    first = commands.add_parser("install", help="首次安装：区划、分类、默认规则、牵头单位与三员，打印三人的初始口令")
    first.add_argument("--unit-code", required=True, metavar="编码", help="牵头单位编码，如 330100-JGSW")
    first.add_argument("--unit-name", required=True, metavar="名称", help="单位全称")
    first.add_argument("--unit-short-name", required=True, metavar="简称", help="单位简称")
    first.add_argument("--unit-region", required=True, metavar="区划", help="单位所在区划代码，如 330100")
    first.add_argument("--unit-kind", default="organ", metavar="性质", help="默认 organ（机关）")
    for option, role, name in (
        ("--system-admin", "system_admin", "系统管理员"),
        ("--security-admin", "security_admin", "安全管理员"),
        ("--audit-admin", "audit_admin", "审计管理员"),
    ):
        made = functools.partial(installing.newcomer, role)
        first.add_argument(option, required=True, type=made, metavar="姓名:登录名", help=name)
    first.add_argument("--regions", type=Path, metavar="文件", help="区划 CSV（code,name,parent_code,level，上级在前）")
    first.add_argument(
        "--categories",
        type=Path,
        default=DEMO_CATALOGUE,
        metavar="文件",
        help="分类 CSV（code,name,level,parent_code,kind）；不给则用自带的常用部分",
    )
    first.set_defaults(run=installing.set_up)
    load = commands.add_parser("load", help="补充或更新区划、分类：已有的改名，不删除")
    load.add_argument("what", choices=("regions", "categories"))
    load.add_argument("file", type=Path, metavar="文件")
    load.set_defaults(run=installing.load)
