"""The socket that the product listens on, or a sentence that says why it cannot."""

import errno
import socket

from server.settings import SettingsError

_BACKLOG = 512
_WHY = {
    errno.EADDRINUSE: "已被别的程序占用：请先停止它，或另设 PORT",
    errno.EADDRNOTAVAIL: "不是本机的地址：请核对 HOST",
    errno.EACCES: "没有权限监听：请用 1024 以上的 PORT",
}


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises SettingsError where the address is taken, not this machine's, or not allowed."""
    try:
        return socket.create_server((host, port), backlog=_BACKLOG, reuse_port=False)
    except OSError as error:
        if (error.errno or 0) < 0:  # a resolver's number: they are below zero
            raise SettingsError(f"HOST {host} 解析不出地址：请核对 HOST") from error
        if error.errno not in _WHY:
            raise
        raise SettingsError(f"{host}:{port} {_WHY[error.errno]}") from error
