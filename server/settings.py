"""Every setting of the product: one class, read from the environment, checked at start.

An empty environment is the embedded default: SQLite in WAL under DATA_DIR, jobs in the one process, no other server.
"""

import base64
import contextlib
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from server.setting_values import (
    MessageTemplate,
    address,
    choice,
    database_address,
    flag,
    names,
    seconds,
    templates,
    web_address,
    whole,
)


class SettingsError(Exception):
    """A setting is missing or wrong; the message names it and says what is wanted."""


def _setting(default: Any, parse: Callable[[str], Any], about: str) -> Any:
    return field(default=default, metadata={"parse": parse, "about": about})


@dataclass(frozen=True, slots=True)
class Settings:
    """The product's settings. Each field is the environment variable of the same name in capitals."""

    environment: str = _setting(
        "demo", choice("demo", "test", "production"), "demo、test 或 production；production 拒绝沙箱与默认密钥"
    )
    host: str = _setting("127.0.0.1", str, "监听地址")
    port: int = _setting(8000, whole(1, 65535), "监听端口")
    workers: int = _setting(1, whole(1, 64), "网页进程数；SQLite 时只能为 1")
    data_dir: Path = _setting(Path("data"), Path, "数据目录：数据库、密钥（演示）、审计锚点、上传文件")
    base_url: str = _setting(
        "", web_address, "对外地址，用于二维码与链接，如 https://gwc.example.gov.cn；空则按监听地址"
    )
    database_url: str = _setting("", database_address, "mysql://用户:口令@主机:端口/库；空则用 DATA_DIR 下的 SQLite")
    database_pool: int = _setting(10, whole(1, 1000), "每个进程的 MariaDB 连接数")
    redis_url: str = _setting("", address("redis"), "redis://主机:端口/号；空则缓存、广播、限流都在本进程内")
    has_jobs: bool = _setting(True, flag, "本进程是否跑后台任务（SQLite 时必须为 1）")
    secret_key: str = _setting("", str, "至少 32 字节的十六进制主密钥；演示时自动生成在 DATA_DIR")
    field_keys: str = _setting("", str, "个人信息加密密钥，编号:base64，逗号分隔，第一个用于写入")
    audit_key: str = _setting("", str, "审计链密钥，十六进制 32 字节，与数据库分开保管")
    audit_anchor_file: Path | None = _setting(None, Path, "审计锚点文件，应放在另一台机器的挂载上；空则在 DATA_DIR")
    wechat_mode: str = _setting("sandbox", choice("sandbox", "real"), "微信网关：sandbox 或 real")
    wechat_app_id: str = _setting("", str, "小程序 AppID")
    wechat_app_secret: str = _setting("", str, "小程序 AppSecret")
    wechat_templates: tuple[MessageTemplate, ...] = _setting(
        (),
        templates,
        "订阅消息模板，类别:模板编号:标题字段:内容字段:时间字段，长期模板末尾加 :long，逗号分隔；"
        "类别为 approval、borrowing、reuse、other；空则不发（沙箱用自带的）",
    )
    clock_offset_file: Path | None = _setting(None, Path, "测试与演示用：时钟偏移文件；production 拒绝")
    is_behind_proxy: bool = _setting(False, flag, "是否在反向代理之后（信任 X-Forwarded-For 的最后一跳）")
    is_secure: bool = _setting(False, flag, "是否经 HTTPS 访问（Cookie 加 Secure，发送 HSTS）")
    trusted_hosts: tuple[str, ...] = _setting((), names, "允许的 Host，逗号分隔；空则不限（仅演示与测试）")
    metrics_token: str = _setting("", str, "读取 /metrics 的令牌；空则只许本机")
    command_seconds: float = _setting(10.0, seconds, "一次办理的最长秒数")
    login_attempts_per_minute: int = _setting(60, whole(1), "每个地址每分钟登录尝试上限")
    calendar_reads_per_minute: int = _setting(120, whole(1), "每个地址每分钟读取日历订阅上限")
    requests_per_minute: int = _setting(1200, whole(1), "每个地址每分钟写请求上限")
    upload_bytes: int = _setting(32_000_000, whole(1), "上传文件最大字节")
    request_bytes: int = _setting(1_000_000, whole(1), "普通请求最大字节")

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> "Settings":
        """Read and check the settings; raises SettingsError in a sentence that names the variable."""
        environ = os.environ if environ is None else environ
        values: dict[str, Any] = {}
        for each in fields(cls):
            text = environ.get(each.name.upper())
            if text is None or (text == "" and each.default is not MISSING):
                continue
            try:
                values[each.name] = each.metadata["parse"](text)
            except ValueError as error:
                raise SettingsError(f"环境变量 {each.name.upper()} 不正确：{error}") from error
        settings = cls(**values)
        settings.check()
        return settings

    @property
    def is_production(self) -> bool:
        """Whether real people's property depends on this process."""
        return self.environment == "production"

    @property
    def is_embedded(self) -> bool:
        """Whether everything lives in this one process."""
        return not self.database_url

    @property
    def public_url(self) -> str:
        """The address people reach this under, without a slash at the end."""
        return (self.base_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def anchor_file(self) -> Path:
        """Where the audit's anchors are written."""
        return self.audit_anchor_file or self.data_dir / "anchors" / "audit.jsonl"

    def check(self) -> None:
        """Refuse combinations that would lose data or let a stranger in."""
        if self.is_embedded and self.workers != 1:
            raise SettingsError("SQLite 只能由一个进程使用：请设 WORKERS=1，或配置 DATABASE_URL")
        if self.is_embedded and not self.has_jobs:
            raise SettingsError("SQLite 时后台任务就在本进程：请设 HAS_JOBS=1")
        if not self.is_embedded and not self.redis_url:
            raise SettingsError("使用 MariaDB 时须配置 REDIS_URL，多个进程靠它互相通知")
        if self.is_production:
            self._check_production()

    def _check_production(self) -> None:
        for name in ("secret_key", "field_keys", "audit_key", "base_url", "trusted_hosts"):
            if not getattr(self, name):
                raise SettingsError(f"production 必须设置 {name.upper()}")
        if self.wechat_mode == "sandbox":
            raise SettingsError("production 拒绝微信沙箱：请设 WECHAT_MODE=real 并配置 AppID 与 AppSecret")
        if not (self.wechat_app_id and self.wechat_app_secret):
            raise SettingsError("WECHAT_MODE=real 时须设置 WECHAT_APP_ID 与 WECHAT_APP_SECRET")
        if self.clock_offset_file is not None:
            raise SettingsError("production 拒绝移动时钟：请去掉 CLOCK_OFFSET_FILE")
        self._check_addresses()

    def _check_addresses(self) -> None:
        if not self.is_secure:
            raise SettingsError("production 必须经 HTTPS：请设 IS_SECURE=1")
        if not self.is_behind_proxy:
            # HTTPS ends at the proxy, so without this everybody would share the proxy's address and its limits.
            raise SettingsError("production 由反向代理提供 HTTPS：请设 IS_BEHIND_PROXY=1，并只让代理能连到本进程")
        address = urlsplit(self.base_url)
        if address.scheme != "https":
            raise SettingsError("production 的 BASE_URL 须以 https:// 开头")
        if address.hostname not in self.trusted_hosts:
            raise SettingsError("TRUSTED_HOSTS 须包含 BASE_URL 里的主机名，否则扫码与链接都会被拒绝")


@dataclass(frozen=True, slots=True)
class Secrets:
    """The keys in bytes. `field_keys`: key id → 32 bytes, the first one writes."""

    main: bytes
    field_keys: dict[str, bytes]
    audit: bytes


def load_secrets(settings: Settings) -> Secrets:
    """The configured keys; outside production, missing ones are made once and kept under DATA_DIR."""
    main = settings.secret_key or _kept(settings, "secret_key", lambda: secrets.token_hex(32))
    audit = settings.audit_key or _kept(settings, "audit_key", lambda: secrets.token_hex(32))
    listed = settings.field_keys or _kept(
        settings, "field_keys", lambda: "k1:" + base64.b64encode(secrets.token_bytes(32)).decode()
    )
    try:
        field_keys = _field_keys(listed)
        result = Secrets(bytes.fromhex(main), field_keys, bytes.fromhex(audit))
    except ValueError as error:
        raise SettingsError(f"密钥格式不正确：{error}") from error
    if len(result.main) < 32 or len(result.audit) < 32 or any(len(key) != 32 for key in field_keys.values()):
        raise SettingsError("密钥太短：SECRET_KEY、AUDIT_KEY、FIELD_KEYS 都须为 32 字节")
    return result


def _field_keys(listed: str) -> dict[str, bytes]:
    pairs = [item.strip().partition(":") for item in listed.split(",")]
    ids = [key_id for key_id, _, _ in pairs]
    # Of two keys with one name the later would win unseen, and what the earlier wrote could not be read again.
    if not all(ids) or len(set(ids)) < len(ids):
        raise ValueError("FIELD_KEYS 中每把密钥须有各不相同的编号")
    return {key_id: base64.b64decode(key, validate=True) for key_id, _, key in pairs}


def _kept(settings: Settings, name: str, make: Callable[[], str]) -> str:
    if settings.is_production:
        raise SettingsError(f"production 必须设置 {name.upper()}")
    folder = settings.data_dir / "keys"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / name
    if not path.exists():
        # Two processes that start together must not each make a key: linking a finished file is all or nothing.
        draft = folder / f".{name}.{secrets.token_hex(4)}"
        draft.touch(mode=0o600)
        draft.write_text(make())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text()
