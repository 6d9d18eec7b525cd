"""Somebody with a browser: cookies of their own, forms filled in and sent, redirects followed when asked."""

from http.cookies import SimpleCookie
from typing import Any

import httpx

from server.identity.sessions import WEB
from server.kernel.actor import Actor
from server.web.sessions import SESSION_COOKIE
from tests.storefront.drawn import Drawn
from tests.support.http import signed_in


class Visitor:
    """A browser without script on the product of `client`."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.cookies: dict[str, str] = {}

    @classmethod
    async def of(cls, client: httpx.AsyncClient, actor: Actor) -> "Visitor":
        """A browser in which `actor`'s person is logged in completely."""
        visitor = cls(client)
        visitor.cookies[SESSION_COOKIE] = await signed_in(actor, WEB)
        return visitor

    async def get(self, path: str, **headers: str) -> Drawn:
        """Open an address."""
        return await self.send("GET", path, headers=headers)

    async def submit(self, page: Drawn, action: str, **fields: str) -> Drawn:
        """Fill in `fields` of the page's form to `action`, and send it as a browser does."""
        values = {**page.form(action).values, **fields}
        return await self.send("POST", action, data=values)

    async def follow(self, page: Drawn) -> Drawn:
        """Go where a redirect leads."""
        return await self.get(page.target)

    async def send(self, method: str, path: str, **options: Any) -> Drawn:
        """Any request with this browser's cookies."""
        headers = dict(options.pop("headers", {}))
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = await self.client.request(method, path, headers=headers, **options)
        self.client.cookies.clear()
        for line in answer.headers.get_list("set-cookie"):
            self._keep(line)
        return Drawn(answer)

    def _keep(self, line: str) -> None:
        for name, morsel in SimpleCookie(line).items():
            if morsel["max-age"] == "0":
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = morsel.value
