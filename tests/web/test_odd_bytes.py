"""Over a real socket: bytes that no browser sends are answered, never with a fault of ours."""

import asyncio

from tests.support.served import Product
from tests.support.servers import exchange

ODD = b"\xff\xfe\xed\xa0\x80"


async def test_answer_is_no_fault_of_ours_when_headers_hold_odd_bytes(product_environment: dict[str, str]):
    heads = (
        b"GET /login HTTP/1.1\r\nCookie: gwc_visitor=%b; gwc_flash=%b.%b; gwc_look=%b; gwc_session=%b\r\n",
        b"GET /mini/v1/me HTTP/1.1\r\nAuthorization: Bearer %b%b%b%b%b\r\n",
        b"GET /metrics HTTP/1.1\r\nAuthorization: Bearer %b%b%b%b%b\r\n",
        b"POST /preferences HTTP/1.1\r\nX-CSRF-Token: %b%b\r\nCookie: gwc_visitor=%b%b%b\r\nContent-Length: 0\r\n",
        b"POST /mini/v1/borrowings HTTP/1.1\r\nIdempotency-Key: %b%b%b\r\nX-Forwarded-For: %b%b\r\n",
        b"GET /mini/v1/me HTTP/1.1\r\nX-Request-ID: %b%b%b%b%b\r\n",
        b"GET /login?next=%b%b%b HTTP/1.1\r\nReferer: %b\r\nUser-Agent: %b\r\n",
    )
    environment = {**product_environment, "IS_BEHIND_PROXY": "1", "METRICS_TOKEN": "let-me-read", "WORKERS": "1"}
    with Product(environment) as product:
        for head in heads:
            message = head % ((ODD,) * 5) + b"Host: localhost\r\nConnection: close\r\n\r\n"
            answer = await asyncio.to_thread(exchange, product.port, message)
            assert answer.startswith(b"HTTP/1.1 "), head
            assert 200 <= int(answer[9:12]) < 500, (head, answer)
        assert product.answers()
        assert "Traceback" not in product.log_tail(20_000)


async def test_door_is_known_when_an_address_is_too_long(product_environment: dict[str, str]):
    with Product({**product_environment, "WORKERS": "1"}) as product:
        for path, is_data in ((b"/mini/v1/listings", True), (b"/sharing", False)):
            message = b"GET %b?q=%b HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n" % (path, b"a" * 9000)
            answer = await asyncio.to_thread(exchange, product.port, message)
            assert answer.startswith(b"HTTP/1.1 413 "), answer
            # A page may load its own styles, data loads nothing.
            assert (b"default-src 'none'; frame-ancestors" in answer) is is_data
