"""Every rule of the settings: what is refused, in which words, and how keys come to be."""

import base64
import multiprocessing
import re
import stat
from dataclasses import fields, replace
from pathlib import Path

import pytest

from server.settings import Secrets, Settings, SettingsError, load_secrets

KEY = "ab" * 32
FIELD_KEY = base64.b64encode(bytes(range(32))).decode()
SERVED = {"DATABASE_URL": "mysql://gwc:secret@db:3306/gwc", "REDIS_URL": "redis://cache:6379/0"}
PRODUCTION = {
    **SERVED,
    "ENVIRONMENT": "production",
    "BASE_URL": "https://gwc.example.gov.cn",
    "TRUSTED_HOSTS": "gwc.example.gov.cn",
    "SECRET_KEY": KEY,
    "AUDIT_KEY": "cd" * 32,
    "FIELD_KEYS": f"k1:{FIELD_KEY}",
    "WECHAT_MODE": "real",
    "WECHAT_APP_ID": "wx0000000000000000",
    "WECHAT_APP_SECRET": "made-up",
    "IS_SECURE": "1",
    "IS_BEHIND_PROXY": "1",
}


def refusal(environ: dict[str, str]) -> str:
    with pytest.raises(SettingsError) as refused:
        Settings.from_environment(environ)
    return str(refused.value)


def test_embedded_demo_is_the_default_when_the_environment_is_empty():
    settings = Settings.from_environment({})
    assert settings == Settings()
    assert settings.is_embedded
    assert not settings.is_production
    assert settings.has_jobs
    assert settings.workers == 1
    assert settings.host == "127.0.0.1"


def test_default_is_kept_when_a_variable_is_empty():
    assert Settings.from_environment({"PORT": "", "DATABASE_URL": "", "TRUSTED_HOSTS": ""}) == Settings()


def test_production_starts_when_every_setting_is_there():
    settings = Settings.from_environment(PRODUCTION)
    assert settings.is_production
    assert not settings.is_embedded
    assert settings.public_url == "https://gwc.example.gov.cn"
    assert settings.trusted_hosts == ("gwc.example.gov.cn",)


@pytest.mark.parametrize(
    "name",
    [
        "SECRET_KEY",
        "FIELD_KEYS",
        "AUDIT_KEY",
        "BASE_URL",
        "TRUSTED_HOSTS",
        "WECHAT_MODE",
        "WECHAT_APP_ID",
        "WECHAT_APP_SECRET",
        "IS_SECURE",
        "IS_BEHIND_PROXY",
        "REDIS_URL",
    ],
)
def test_production_is_refused_and_names_the_variable_when_it_is_missing(name):
    assert name in refusal({key: value for key, value in PRODUCTION.items() if key != name})


@pytest.mark.parametrize(
    ("changed", "value", "named"),
    [
        ("WECHAT_MODE", "sandbox", "WECHAT_MODE=real"),
        ("CLOCK_OFFSET_FILE", "/var/lib/gwc/offset", "CLOCK_OFFSET_FILE"),
        ("IS_SECURE", "0", "IS_SECURE=1"),
        ("BASE_URL", "http://gwc.example.gov.cn", "https://"),
        ("TRUSTED_HOSTS", "other.example.gov.cn", "TRUSTED_HOSTS"),
    ],
)
def test_production_is_refused_when_a_setting_is_only_fit_for_a_demo(changed, value, named):
    assert named in refusal({**PRODUCTION, changed: value})


def test_clock_offset_is_accepted_when_it_is_not_production():
    assert Settings.from_environment({"CLOCK_OFFSET_FILE": "offset"}).clock_offset_file == Path("offset")


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({"WORKERS": "2"}, "WORKERS=1"),
        ({"HAS_JOBS": "0"}, "HAS_JOBS=1"),
        ({"DATABASE_URL": SERVED["DATABASE_URL"]}, "REDIS_URL"),
    ],
)
def test_start_is_refused_when_processes_could_not_work_together(environ, named):
    assert named in refusal(environ)


def test_several_processes_are_accepted_when_mariadb_and_redis_are_there():
    settings = Settings.from_environment({**SERVED, "WORKERS": "4", "HAS_JOBS": "0"})
    assert (settings.workers, settings.has_jobs) == (4, False)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ENVIRONMENT", "prod"),
        ("PORT", "80a"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("WORKERS", "0"),
        ("WORKERS", "-1"),
        ("WORKERS", "1.5"),
        ("DATABASE_POOL", "0"),
        ("HAS_JOBS", "maybe"),
        ("IS_SECURE", "2"),
        ("WECHAT_MODE", "fake"),
        ("COMMAND_SECONDS", "0"),
        ("COMMAND_SECONDS", "nan"),
        ("COMMAND_SECONDS", "inf"),
        ("COMMAND_SECONDS", "soon"),
        ("UPLOAD_BYTES", "12MB"),
        ("REQUEST_BYTES", "-1"),
        ("REQUESTS_PER_MINUTE", "0"),
        ("LOGIN_ATTEMPTS_PER_MINUTE", "0"),
        ("BASE_URL", "gwc.example.gov.cn"),
        ("BASE_URL", "javascript:alert(1)"),
        ("DATABASE_URL", "postgres://gwc:secret@db/gwc"),
        ("DATABASE_URL", "mysql://gwc:secret@db:3306/"),
        ("DATABASE_URL", "mysql://gwc:secret@db:99999/gwc"),
        ("REDIS_URL", "cache:6379"),
    ],
)
def test_start_is_refused_and_names_the_variable_when_a_value_is_wrong(name, value):
    message = refusal({**SERVED, name: value})
    assert message.startswith(f"环境变量 {name} 不正确")


def test_password_is_not_repeated_when_an_address_is_wrong():
    assert "mima" not in refusal({**SERVED, "DATABASE_URL": "mysql://gwc:mima@db:99999/gwc"})


@pytest.mark.parametrize(("text", "meant"), [("1", True), ("TRUE", True), ("on", True), ("0", False), ("No", False)])
def test_flag_is_read_when_written_in_any_usual_way(text, meant):
    assert Settings.from_environment({"IS_SECURE": text}).is_secure is meant


def test_hosts_are_split_when_blanks_and_commas_are_loose():
    assert Settings.from_environment({"TRUSTED_HOSTS": " a.gov.cn , ,b.gov.cn,"}).trusted_hosts == (
        "a.gov.cn",
        "b.gov.cn",
    )


def test_every_setting_says_what_it_is_for_when_read_by_people():
    for each in fields(Settings):
        assert re.search(r"[\u4e00-\u9fff]", each.metadata["about"]), each.name
        assert callable(each.metadata["parse"]), each.name


def test_anchors_lie_beside_the_data_when_no_other_place_is_named(tmp_path):
    assert Settings(data_dir=tmp_path).anchor_file == tmp_path / "anchors" / "audit.jsonl"
    assert Settings(audit_anchor_file=Path("/mnt/elsewhere/audit.jsonl")).anchor_file.parent == Path("/mnt/elsewhere")


# Keys


def test_keys_are_made_once_when_a_demo_starts_again(tmp_path):
    first = load_secrets(Settings(data_dir=tmp_path))
    assert load_secrets(Settings(data_dir=tmp_path)) == first
    assert len(first.main) == len(first.audit) == 32
    assert first.main != first.audit
    assert [len(key) for key in first.field_keys.values()] == [32]
    assert sorted(path.name for path in (tmp_path / "keys").iterdir()) == ["audit_key", "field_keys", "secret_key"]


def test_kept_keys_are_readable_by_their_owner_alone(tmp_path):
    load_secrets(Settings(data_dir=tmp_path))
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "keys").iterdir()} == {0o600}


def load_at_once(data_dir, barrier, found):
    barrier.wait()
    found.put(load_secrets(Settings(data_dir=data_dir)))


def test_same_keys_are_got_when_several_processes_start_at_once(tmp_path):
    context = multiprocessing.get_context("fork")
    barrier, found = context.Barrier(4), context.SimpleQueue()
    processes = [context.Process(target=load_at_once, args=(tmp_path, barrier, found)) for _ in range(4)]
    for process in processes:
        process.start()
    loaded = [found.get() for _ in processes]
    for process in processes:
        process.join()
    assert loaded == [load_secrets(Settings(data_dir=tmp_path))] * 4


def test_configured_keys_are_used_and_nothing_is_written_when_all_are_named(tmp_path):
    settings = Settings(data_dir=tmp_path / "data", secret_key=KEY, audit_key="cd" * 32, field_keys=f"k1:{FIELD_KEY}")
    keys = load_secrets(settings)
    assert keys == Secrets(bytes.fromhex(KEY), {"k1": bytes(range(32))}, bytes.fromhex("cd" * 32))
    assert not (tmp_path / "data").exists()


def test_first_field_key_writes_and_older_ones_stay_when_rotated(tmp_path):
    newer = base64.b64encode(bytes(range(1, 33))).decode()
    keys = load_secrets(Settings(data_dir=tmp_path, field_keys=f"k2:{newer}, k1:{FIELD_KEY}"))
    assert list(keys.field_keys) == ["k2", "k1"]
    assert keys.field_keys["k1"] == bytes(range(32))


@pytest.mark.parametrize(
    "wrong",
    [
        {"secret_key": "not hex"},
        {"secret_key": "ab" * 31},
        {"audit_key": "ab" * 16},
        {"audit_key": "xyz"},
        {"field_keys": "k1"},
        {"field_keys": "k1:short"},
        {"field_keys": "k1:" + base64.b64encode(bytes(31)).decode()},
        {"field_keys": f":{FIELD_KEY}"},
        {"field_keys": f"k1:{FIELD_KEY},"},
        {"field_keys": f"k1:{FIELD_KEY},k1:{FIELD_KEY}"},
        {"field_keys": f"k1:{FIELD_KEY[:-1]}*"},
    ],
)
def test_start_is_refused_without_repeating_the_key_when_a_key_is_malformed(tmp_path, wrong):
    with pytest.raises(SettingsError) as refused:
        load_secrets(Settings(data_dir=tmp_path, **wrong))
    assert "密钥" in str(refused.value)
    assert next(iter(wrong.values())) not in str(refused.value)


@pytest.mark.parametrize("name", ["secret_key", "audit_key", "field_keys"])
def test_no_key_is_made_up_when_production_lacks_one(tmp_path, name):
    settings = replace(Settings.from_environment(PRODUCTION), data_dir=tmp_path / "data", **{name: ""})
    with pytest.raises(SettingsError, match=name.upper()):
        load_secrets(settings)
    assert not (tmp_path / "data").exists()


def test_templates_are_read_when_they_are_whole():
    first, second = Settings.from_environment(
        {"WECHAT_TEMPLATES": "borrowing:abcdefgh_-1:thing1:thing2:time3, approval:ijklmnop:thing4:thing1:date2:long"}
    ).wechat_templates
    assert first == ("borrowing", "abcdefgh_-1", "thing1", "thing2", "time3", False)
    assert second == ("approval", "ijklmnop", "thing4", "thing1", "date2", True)
    assert Settings.from_environment({}).wechat_templates == ()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("borrowing:abcdefgh:thing1:thing2", "类别:模板编号"),
        ("lending:abcdefgh:thing1:thing2:time3", "类别:模板编号"),
        ("borrowing:abc defgh:thing1:thing2:time3", "类别:模板编号"),
        ("borrowing:abcdefgh:thing1:name2:time3", "类别:模板编号"),
        ("borrowing:abcdefgh:thing1:thing２:time3", "类别:模板编号"),
        ("borrowing:abcdefgh:thing1:thing1:time3", "同一个字段"),
        ("borrowing:abcdefgh:thing1:thing2:time3,borrowing:ijklmnop:thing1:thing2:time3", "只能有一个模板"),
        ("borrowing:abcdefgh:thing1:thing2:time3,reuse:abcdefgh:thing1:thing2:time3", "只能用于一个类别"),
    ],
)
def test_templates_are_refused_when_they_are_not_whole(text: str, reason: str):
    assert reason in refusal({"WECHAT_TEMPLATES": text}) and "WECHAT_TEMPLATES" in refusal({"WECHAT_TEMPLATES": text})
