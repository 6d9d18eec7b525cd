"""WeChat: log in, phone numbers, subscribe messages and page codes of the mini-program.

Callers depend on `WechatGateway` alone; `build_wechat_gateway` decides once, at start, what stands behind it.
"""

from server.gateways.wechat.build import WechatConfig, build_wechat_gateway
from server.gateways.wechat.errors import WechatConfigError
from server.gateways.wechat.messages import MESSAGES
from server.gateways.wechat.port import SubscribeOutcome, SubscribeResult, WechatGateway, WechatIdentity
from server.gateways.wechat.sandbox import WechatSandbox
from server.gateways.wechat.token import MemoryTokenStore, RedisTokenStore, TokenStore

__all__ = [
    "MESSAGES",
    "MemoryTokenStore",
    "RedisTokenStore",
    "SubscribeOutcome",
    "SubscribeResult",
    "TokenStore",
    "WechatConfig",
    "WechatConfigError",
    "WechatGateway",
    "WechatIdentity",
    "WechatSandbox",
    "build_wechat_gateway",
]
