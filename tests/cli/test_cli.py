"""The command line: exit codes and Chinese sentences that an operator can act on, never a stack."""

import socket
from pathlib import Path

import pytest

from server.identity.commands import LogIn, log_in
from server.installation import INSTALLER
from server.kernel.actor import Actor, ActorKind
from server.kernel.audit.sealer import SEALER, seal_audit
from server.kernel.unit_of_work import unit_of_work
from server.opening import opened
from server.settings import Settings, load_secrets
from tests.factories.identity import make_person, make_regions, make_unit
from tests.identity.asking import refusal_code
from tests.settings.test_settings import PRODUCTION
from tests.support.command_line import Ended, require_sentence, run, run_apart
from tests.support.databases import new_database
from tests.support.process import free_port
from tests.support.served import Product, Program
from tests.support.servers import MariaDB
from tests.support.waiting import eventually

ROOT = Path(__file__).resolve().parents[2]
REGIONS = str(ROOT / "server" / "demo" / "regions.csv")
UNIT = ("--unit-code", "330100-JGSW", "--unit-name", "杭州市机关事务管理局", "--unit-short-name", "市机关事务局")
THREE = (
    *("--system-admin", "沈建国:shen.jianguo"),
    *("--security-admin", "陆敏：lu.min"),
    *("--audit-admin", "方志远:fang.zhiyuan"),
)
INSTALL = ("install", *UNIT, "--unit-region", "330100", *THREE)


# Settings and storage


@pytest.mark.parametrize("command", ["serve", "worker", "migrate", "demo"])
async def test_variable_is_named_when_a_setting_is_wrong(product_environment: dict[str, str], command: str):
    require_sentence(await run({**product_environment, "PORT": "八千"}, command), "无法启动", "PORT")


async def test_worker_is_refused_when_everything_is_in_one_process(tmp_path: Path):
    require_sentence(await run({"DATA_DIR": str(tmp_path)}, "worker"), "SQLite")


async def test_demo_is_refused_when_a_database_is_configured():
    require_sentence(await run(away(), "demo"), "演示只用内置存储")


def away() -> dict[str, str]:
    """A database and a Redis that are not there."""
    port = free_port()
    return {"DATABASE_URL": f"mysql://root:secret@127.0.0.1:{port}/gwc", "REDIS_URL": f"redis://127.0.0.1:{port}/0"}


@pytest.mark.parametrize("command", ["serve", "worker", "migrate"])
async def test_database_is_named_and_its_password_is_not_when_it_is_away(tmp_path: Path, command: str):
    # The worker binds the models to MariaDB, which is not this run's storage everywhere.
    start = run_apart if command == "worker" else run
    ended = await start({**away(), "DATA_DIR": str(tmp_path)}, command)
    require_sentence(ended, "无法启动", "数据库不应答", "DATABASE_URL")
    assert "secret" not in ended.err


@pytest.mark.needs("mariadb")
async def test_address_is_named_when_the_database_refuses(mariadb_server: str, tmp_path: Path):
    environment = {**away(), "DATA_DIR": str(tmp_path), "DATABASE_URL": f"{mariadb_server}no_such_database"}
    require_sentence(await run(environment, "migrate"), "数据库拒绝连接")


@pytest.mark.needs("mariadb")
async def test_database_is_named_when_it_is_frozen(tmp_path: Path):
    with MariaDB() as server:
        environment = {**away(), "DATA_DIR": str(tmp_path), "DATABASE_URL": new_database(server.url)}
        server.pause()
        ended = await run_apart(environment, "serve")
        server.resume()
    require_sentence(ended, "无法启动", "数据库不应答")


async def test_folder_is_named_when_it_cannot_be_written(tmp_path: Path):
    (tmp_path / "data").write_text("不是目录")
    require_sentence(await run({"DATA_DIR": str(tmp_path / "data" / "here")}, "serve"), "DATA_DIR")


async def test_file_is_named_when_it_is_no_database(tmp_path: Path):
    (tmp_path / "gwc.sqlite3").write_text("不是数据库" * 2000)
    for command in ("migrate", "serve"):
        require_sentence(await run({"DATA_DIR": str(tmp_path)}, command), "无法启动", "不是 SQLite 数据库", "DATA_DIR")


# Migrating and verifying


async def test_database_is_made_once_when_it_is_migrated_twice(tmp_path: Path):
    environment = {"DATA_DIR": str(tmp_path / "new")}
    require_sentence(await run(environment, "serve"), "python -m server migrate")
    first = await run(environment, "migrate")
    assert (first.code, first.out.startswith("已升级：0001_initial")) == (0, True)
    assert await run(environment, "migrate") == Ended(0, "数据库已是最新版本\n", "")


async def test_nothing_is_found_when_nothing_is_wrong(product_environment: dict[str, str]):
    for what in ("audit", "ledger"):
        ended = await run(product_environment, "verify", what)
        assert (ended.code, ended.out) == (0, "核对一致，没有差异\n")


async def test_code_is_one_and_every_fault_is_named_when_the_audit_was_touched(
    product_environment: dict[str, str], settings: Settings
):
    assert (await run(product_environment, *INSTALL, "--regions", REGIONS)).code == 0
    async with opened(settings):
        assert await seal_audit(SEALER, load_secrets(settings).audit.hex()) > 3
        async with unit_of_work(INSTALLER) as uow:
            await uow.execute("UPDATE audit_event SET actor_name = '别人' WHERE sequence = 2")
            await uow.execute("DELETE FROM audit_event WHERE sequence = 3")
    ended = await run(product_environment, "verify", "audit")
    assert ended.code == 1
    assert "被改动" in ended.out
    assert "缺少第 3 条" in ended.out
    assert ended.out.splitlines()[-1] == f"发现 {len(ended.out.splitlines()) - 1} 处差异"


# Installing

NOBODY = Actor(kind=ActorKind.PERSON)


def passwords_of(ended: Ended) -> dict[str, str]:
    """What was printed for the three: first passwords by login name."""
    assert ended.code == 0, ended.err
    lines = [line.split() for line in ended.out.splitlines() if line.startswith("  ")]
    return {login_name: password for _, login_name, password in lines}


async def test_three_can_log_in_once_with_what_was_printed_when_it_is_installed(
    product_environment: dict[str, str], settings: Settings
):
    ended = await run(product_environment, *INSTALL, "--regions", REGIONS)
    passwords = passwords_of(ended)
    assert list(passwords) == ["shen.jianguo", "lu.min", "fang.zhiyuan"]
    assert all(name in ended.out for name in ("沈建国", "陆敏", "方志远"))
    assert len(set(passwords.values())) == 3
    async with opened(settings) as runtime:
        for login_name, password in passwords.items():
            assert (await log_in(NOBODY, LogIn(login_name, password))).must_change_password
        async with runtime.database.reading() as reader:
            unit = await reader.fetch_one("SELECT name, parent_id FROM unit")
            policies = await reader.fetch_one("SELECT COUNT(*) AS number FROM policy_version")
            categories = await reader.fetch_one("SELECT COUNT(*) AS number FROM category")
    assert unit == {"name": "杭州市机关事务管理局", "parent_id": None}
    assert policies is not None and policies["number"] >= 3
    assert categories is not None and categories["number"] > 50


async def test_other_passwords_are_given_out_until_somebody_has_logged_in_when_it_is_installed_again(
    product_environment: dict[str, str], settings: Settings
):
    """The first ones are lost where the process ended between its commit and its printing."""
    arguments = (*INSTALL, "--regions", REGIONS)
    first = passwords_of(await run(product_environment, *arguments))
    others = [word.replace("陆敏：lu.min", "陆敏：lu.min2") for word in arguments]
    require_sentence(await run(product_environment, *others), "已经设有管理员")
    second = passwords_of(await run(product_environment, *arguments))
    assert first.keys() == second.keys()
    assert not set(first.values()) & set(second.values())
    async with opened(settings):
        lost = LogIn("shen.jianguo", first["shen.jianguo"])
        assert await refusal_code(log_in(NOBODY, lost)) == "login.failed"
        assert (await log_in(NOBODY, LogIn("lu.min", second["lu.min"]))).must_change_password
    third = await run(product_environment, *arguments)
    require_sentence(third, "已经设有管理员")
    assert third.out == ""
    assert (await run(product_environment, "verify", "audit")).code == 0


async def test_it_may_be_run_again_when_what_was_given_was_wrong(product_environment: dict[str, str], tmp_path: Path):
    require_sentence(await run(product_environment, *INSTALL), "没有区划 330100", "--regions")
    broken = tmp_path / "regions.csv"
    broken.write_text("code,name,parent_code,level\n330000,浙江省,,province\n3301,杭州市,330000,city\n")
    require_sentence(await run(product_environment, *INSTALL, "--regions", str(broken)), "第 3 行", "杭州市")
    missing = str(tmp_path / "none.csv")
    require_sentence(await run(product_environment, *INSTALL, "--regions", missing), "none.csv")
    wrong = [word.replace("lu.min", "陆敏") for word in (*INSTALL, "--regions", REGIONS)]
    require_sentence(await run(product_environment, *wrong), "login_name", "登录名须为")
    other = [word.replace("管理局", "服务中心") for word in INSTALL]
    require_sentence(await run(product_environment, *other), "330100-JGSW", "杭州市机关事务管理局")
    assert (await run(product_environment, *INSTALL)).code == 0


async def test_usage_is_told_when_an_administrator_has_no_login_name(tmp_path: Path):
    ended = await run(
        {"DATA_DIR": str(tmp_path)}, "install", *UNIT, "--unit-region", "330100", "--system-admin", "沈建国"
    )
    assert ended.code == 2
    assert "姓名:登录名" in ended.err


async def test_files_are_loaded_and_told_of_when_they_are_given_later(
    product_environment: dict[str, str], tmp_path: Path
):
    assert (await run(product_environment, "load", "regions", REGIONS)).code == 0
    categories = tmp_path / "categories.csv"
    categories.write_text("code,name,level,parent_code,kind\nA,货物,,,goods\n")
    ended = await run(product_environment, "load", "categories", str(categories))
    assert ended.code in {0, 2}
    assert "Traceback" not in ended.err
    categories.write_text("code,name\nA,货物\n")
    require_sentence(await run(product_environment, "load", "categories", str(categories)))


# One process on the embedded storage


async def test_second_process_is_refused_when_the_first_serves(tmp_path: Path):
    environment = {"DATA_DIR": str(tmp_path / "data"), "ENVIRONMENT": "test"}
    assert (await run(environment, "migrate")).code == 0
    with Product(environment):
        second = {**environment, "PORT": str(free_port())}
        for command in ("serve", "load regions " + REGIONS):
            require_sentence(await run_apart(second, *command.split()), "正由另一个进程使用", "DATA_DIR")
        assert (await run(environment, "migrate")).code == 0
        assert (await run_apart(environment, "verify", "ledger")).code == 0


async def test_next_process_serves_when_the_first_was_killed(tmp_path: Path):
    environment = {"DATA_DIR": str(tmp_path / "data"), "ENVIRONMENT": "test"}
    assert (await run(environment, "migrate")).code == 0
    product = Product(environment)
    with product:
        product.kill9()
        product.start()
        assert product.answers()


async def test_worker_ends_well_when_it_is_asked_to(product_environment: dict[str, str], storage: str):
    program: Program = Product(product_environment) if storage == "sqlite" else Program(product_environment, "worker")
    with program:
        ready = "web process is serving" if storage == "sqlite" else "background loops are running"
        await eventually(lambda: ready in program.log.read_text(), 30)
        assert program.end() == 0, "`stop` would kill what hangs and hide it"
        assert "Traceback" not in program.log_tail()


async def test_process_ends_each_time_when_it_is_started_and_ended_again(tmp_path: Path, is_full_size: bool):
    """Closed half way, a database thread kept the interpreter alive for ever."""
    environment = {"DATA_DIR": str(tmp_path / "data"), "ENVIRONMENT": "test"}
    assert (await run(environment, "migrate")).code == 0
    product = Product(environment)
    for _ in range(20 if is_full_size else 4):
        product.start()
        assert product.end() == 0


@pytest.mark.parametrize("moment", ["before_server_start", "after_server_start"])
async def test_process_ends_in_order_when_it_is_asked_to_before_it_runs_for_good(
    product_environment: dict[str, str], moment: str
):
    """Sanic listens and answers a moment before its loop runs for good, and forgot a request to end that came then."""
    environment = {**product_environment, "PORT": str(free_port()), "WORKERS": "1"}
    ended = await run_apart(environment, moment, module="tests.support.hasty")
    assert ended.code == 0, ended.err
    assert "Traceback" not in ended.err


async def test_address_is_named_when_another_program_has_it(product_environment: dict[str, str], storage: str):
    workers = "1" if storage == "sqlite" else "2"
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        ended = await run_apart({**product_environment, "PORT": port, "WORKERS": workers}, "serve")
    require_sentence(ended, "无法启动", f"127.0.0.1:{port} 已被别的程序占用", "PORT")


@pytest.mark.parametrize("host", ["203.0.113.9", "no-such-host.invalid"])
async def test_address_is_named_when_it_is_not_this_machine(product_environment: dict[str, str], host: str):
    require_sentence(await run_apart({**product_environment, "HOST": host}, "serve"), "无法启动", host)


@pytest.mark.parametrize(
    ("key", "sentence"),
    [("AUDIT_KEY", "AUDIT_KEY 与数据库的审计链不符"), ("FIELD_KEYS", "FIELD_KEYS 打不开")],
)
async def test_start_is_refused_when_the_keys_are_others(
    product_environment: dict[str, str], key: str, sentence: str
) -> None:
    settings = Settings.from_environment(product_environment)
    async with opened(settings):
        await make_regions()
        unit = await make_unit("杭州市机关事务管理局", "市机关事务局")
        await make_person("王建国", unit)
        await seal_audit(SEALER, load_secrets(settings).audit.hex())
    other = {"AUDIT_KEY": "ab" * 32, "FIELD_KEYS": f"k9:{'b2xk' * 10}b2w="}[key]
    require_sentence(await run_apart({**product_environment, key: other}, "serve"), "无法启动", sentence)


async def test_nothing_is_made_when_what_is_verified_is_not_there(tmp_path: Path):
    ended = await run({"DATA_DIR": str(tmp_path / "mistyped")}, "verify", "audit")
    require_sentence(ended, "无法启动", "没有数据库", "DATA_DIR")
    assert not (tmp_path / "mistyped").exists()


# The demo


def has_database(folder: Path) -> bool:
    return any(folder.glob("*.sqlite3"))


async def test_demo_enters_nothing_when_its_address_is_taken(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        ended = await run_apart({"DATA_DIR": str(tmp_path), "PORT": port}, "demo")
    require_sentence(ended, "无法启动", "已被别的程序占用")
    assert "就绪" not in ended.out
    assert not has_database(tmp_path)


async def test_demo_is_refused_when_the_data_are_not_a_whole_demo(tmp_path: Path):
    environment = {"DATA_DIR": str(tmp_path), "PORT": str(free_port())}
    installed = await run_apart(environment, "migrate")
    assert installed.code == 0, installed.err
    assert (await run_apart(environment, *INSTALL, "--regions", REGIONS)).code == 0
    ended = await run_apart(environment, "demo")
    require_sentence(ended, "没有办成", "不是一次录完的演示", str(tmp_path))
    assert "就绪" not in ended.out


async def test_demo_is_refused_when_this_is_production(tmp_path: Path):
    embedded = {name: value for name, value in PRODUCTION.items() if not name.endswith("_URL") or name == "BASE_URL"}
    require_sentence(await run({**embedded, "DATA_DIR": str(tmp_path)}, "demo"), "无法启动", "正式环境")
    assert not has_database(tmp_path)


async def test_older_key_may_go_when_everything_was_resealed(tmp_path: Path) -> None:
    old, new = ("b2xk" * 11)[:43] + "=", ("bmV3" * 11)[:43] + "="
    environment = {"ENVIRONMENT": "test", "DATA_DIR": str(tmp_path), "FIELD_KEYS": f"k1:{old}"}
    await run(environment, "migrate")
    async with opened(Settings.from_environment(environment)):
        await make_regions()
        await make_person("王建国", await make_unit("杭州市人民政府", "市政府"))
    ended = await run({**environment, "FIELD_KEYS": f"k2:{new},k1:{old}"}, "reencrypt")
    assert ended.code == 0 and "person.phone_sealed：改用 k2 的 1 项" in ended.out
    again = await run({**environment, "FIELD_KEYS": f"k2:{new}"}, "reencrypt")
    assert again.code == 0 and "person.phone_sealed：改用 k2 的 0 项" in again.out
    lost = await run({**environment, "FIELD_KEYS": f"k3:{old}"}, "reencrypt")
    assert lost.code == 1 and "无法解密：person " in lost.out
