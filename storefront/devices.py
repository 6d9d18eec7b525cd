"""What people call the device behind a User-Agent line."""

_BROWSERS = (
    ("MicroMessenger", "微信"),
    ("Edg", "Edge 浏览器"),
    ("Firefox", "火狐浏览器"),
    ("Chrome", "Chrome 浏览器"),
    ("Safari", "Safari 浏览器"),
)
_SYSTEMS = (
    ("HarmonyOS", "鸿蒙"),
    ("Android", "安卓手机"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows 电脑"),
    ("Mac OS", "苹果电脑"),
    ("Linux", "Linux 电脑"),
)
_CLIENTS = {"mini": "微信小程序", "api": "手机客户端"}


def device_name(user_agent: str, channel: str) -> str:
    """`Chrome 浏览器 · Windows 电脑`; a made-up line is only ever matched, never shown."""
    system = _first(_SYSTEMS, user_agent)
    if channel in _CLIENTS:
        return " · ".join(part for part in (_CLIENTS[channel], system) if part)
    return " · ".join(part for part in (_first(_BROWSERS, user_agent), system) if part) or "未知设备"


def _first(names: tuple[tuple[str, str], ...], text: str) -> str:
    return next((label for mark, label in names if mark in text), "")
