"""The compose file against the product's settings, and against what must never be reachable."""

import re
from dataclasses import fields

import pytest

from server.settings import Settings, load_secrets
from tests.docker.files import (
    DOCKER,
    MAY_BE_EMPTY,
    PRODUCT,
    VARIABLE,
    NotSet,
    compose,
    dockerfile,
    env_example,
    environment_of,
    exec_form,
    filled_in,
    image_environment,
    interpolated,
)

SETTINGS = {each.name.upper() for each in fields(Settings)}
# What is a setting of the image's Python, not of the product.
OF_THE_IMAGE = {"PATH", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE", "FONT_DIR"}
SERVICES = compose()["services"]


def settings_of(service: str) -> Settings:
    return Settings.from_environment(environment_of(service, filled_in()))


def seconds(text: str) -> int:
    number, unit = re.fullmatch(r"(\d+)([sm])", text).groups()
    return int(number) * {"s": 1, "m": 60}[unit]


@pytest.mark.parametrize("service", PRODUCT)
def test_every_variable_is_a_setting_when_a_product_container_starts(service):
    names = set(environment_of(service, filled_in()))
    assert names - OF_THE_IMAGE <= SETTINGS
    assert "ENVIRONMENT" in names


@pytest.mark.parametrize("service", PRODUCT)
def test_production_settings_pass_when_the_example_is_filled_in(service):
    settings = settings_of(service)
    assert settings.is_production
    assert not settings.is_embedded
    keys = load_secrets(settings)
    assert len(keys.main) == len(keys.audit) == 32


def test_web_processes_leave_the_jobs_to_the_worker_when_served():
    app, worker = settings_of("app"), settings_of("worker")
    assert (app.workers, app.has_jobs) == (2, False)
    assert SERVICES["worker"]["command"] == ["worker"]
    assert worker.has_jobs


def test_containers_share_every_key_and_address_when_they_work_together():
    once = filled_in()
    app, worker, migrate = (environment_of(service, once) for service in PRODUCT)
    assert {name: value for name, value in app.items() if worker.get(name) != value} == {
        "WORKERS": "2",
        "HAS_JOBS": "0",
    }
    assert worker == migrate


def test_every_variable_is_in_the_example_when_compose_asks_for_it():
    asked = {found[1] for found in VARIABLE.finditer((DOCKER / "compose.yaml").read_text())}
    assert asked - {"RELEASE"} == set(env_example())


def test_example_holds_no_secret_when_committed():
    secret = {name for name in env_example() if re.search(r"(_KEYS?|PASSWORD|SECRET|TOKEN|APP_ID)$", name)}
    assert len(secret) == 9
    assert {name: value for name, value in env_example().items() if name in secret and value} == {}


@pytest.mark.parametrize("name", sorted(env_example().keys() - MAY_BE_EMPTY - {"DATABASE_POOL"}))
def test_nothing_starts_when_a_value_is_left_empty(name):
    with pytest.raises(NotSet, match=name):
        interpolated((DOCKER / "compose.yaml").read_text(), {**filled_in(), name: ""})


def test_only_nginx_is_reachable_when_seen_from_outside():
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["nginx"]
    assert [name for name, service in SERVICES.items() if service.get("network_mode") or service.get("expose")] == []
    assert compose()["networks"]["storage"]["internal"] is True
    for name in ("mariadb", "redis", "migrate"):
        assert SERVICES[name]["networks"] == ["storage"]
    assert SERVICES["nginx"]["networks"] == ["front"]


def test_storage_is_asked_for_by_its_service_when_the_product_connects():
    settings = settings_of("app")
    assert "@mariadb:3306/gwc" in settings.database_url
    assert settings.redis_url.endswith("@redis:6379/0")
    assert SERVICES["mariadb"]["environment"]["MARIADB_DATABASE"] == "gwc"
    once = filled_in()
    given = environment_of("mariadb", once)
    assert f"://{given['MARIADB_USER']}:{given['MARIADB_PASSWORD']}@" in environment_of("app", once)["DATABASE_URL"]
    assert given["MARIADB_PASSWORD"] != given["MARIADB_ROOT_PASSWORD"]


def test_no_container_holds_a_secret_of_others_when_it_needs_none():
    once = filled_in()
    for service in SERVICES:
        values = " ".join(environment_of(service, once).values())
        holds = {name for name in ("SECRET_KEY", "AUDIT_KEY", "FIELD_KEYS") if once[name] in values}
        assert holds == ({"SECRET_KEY", "AUDIT_KEY", "FIELD_KEYS"} if service in PRODUCT else set()), service
        assert (once["DATABASE_ROOT_PASSWORD"] in values) == (service == "mariadb"), service


def test_product_starts_after_migration_and_healthy_storage_when_brought_up():
    stored = {"mariadb": {"condition": "service_healthy"}, "redis": {"condition": "service_healthy"}}
    assert SERVICES["migrate"]["depends_on"] == stored
    for service in ("app", "worker"):
        assert SERVICES[service]["depends_on"] == {
            **stored,
            "migrate": {"condition": "service_completed_successfully"},
        }
    assert SERVICES["nginx"]["depends_on"] == {"app": {"condition": "service_healthy"}}
    assert all(SERVICES[name]["healthcheck"]["test"] for name in ("mariadb", "redis", "nginx"))
    assert "healthcheck" not in SERVICES["app"], "the image's own asks /readyz"


def test_everything_comes_back_but_the_migration_when_it_dies():
    assert {name: service["restart"] for name, service in SERVICES.items()} == {
        **dict.fromkeys(SERVICES, "always"),
        "migrate": "no",
    }


def test_commands_exist_when_containers_start():
    from server.cli import main

    assert exec_form("ENTRYPOINT") == ["python", "-m", "server"]
    for words in (exec_form("CMD"), *(SERVICES[service]["command"] for service in PRODUCT)):
        with pytest.raises(SystemExit) as helped:
            main([*words, "--help"])
        assert helped.value.code == 0


def test_database_has_connections_for_every_process_when_all_pools_are_full():
    processes = settings_of("app").workers + len(["worker", "migrate"])
    pools = processes * settings_of("app").database_pool
    allowed = int(re.search(r"^max-connections = (\d+)$", (DOCKER / "mariadb.cnf").read_text(), re.MULTILINE)[1])
    assert 2 * pools + 10 <= allowed, "two releases side by side while one is exchanged, and an administrator"


def test_commands_end_in_their_own_time_when_containers_are_stopped():
    for service in ("app", "worker"):
        assert seconds(SERVICES[service]["stop_grace_period"]) > settings_of(service).command_seconds + 10


def test_product_containers_can_change_nothing_but_their_data_when_broken_into():
    for service in PRODUCT:
        container = SERVICES[service]
        assert container["read_only"] is True
        assert container["cap_drop"] == ["ALL"]
        assert container["security_opt"] == ["no-new-privileges:true"]
        assert "privileged" not in container
    data = image_environment()["DATA_DIR"]
    assert f"files:{data}" in SERVICES["app"]["volumes"]
    assert f"files:{data}" in SERVICES["worker"]["volumes"]


def test_anchors_are_written_by_the_worker_alone_when_mounted():
    folder = str(settings_of("worker").anchor_file.parent)
    assert f"${{ANCHOR_FOLDER:?}}:{folder}" in SERVICES["worker"]["volumes"]
    assert f"${{ANCHOR_FOLDER:?}}:{folder}:ro" in SERVICES["app"]["volumes"]
    assert not folder.startswith(image_environment()["DATA_DIR"])


def test_mounted_files_and_volumes_exist_when_containers_ask_for_them():
    mounts = [mount for service in SERVICES.values() for mount in service.get("volumes", ())]
    sources = {interpolated(mount, dict.fromkeys(env_example(), "/given")).split(":")[0] for mount in mounts}
    files = {source for source in sources if source.startswith("./")}
    assert sources - files == {"/given", *compose()["volumes"]}
    assert len(files) == 3
    assert [source for source in files if not (DOCKER / source).is_file()] == []


def test_images_are_pinned_to_a_version_and_no_registry_when_pulled():
    named = [service["image"] for service in SERVICES.values() if "build" not in service]
    named += [each.words.split(" AS ")[0] for each in dockerfile() if each.name == "FROM"]
    assert len(named) == 6
    for image in named:
        assert re.fullmatch(r"[a-z]+:\d+\.\d+\.\d+(-[a-z-]+)?", image), image
