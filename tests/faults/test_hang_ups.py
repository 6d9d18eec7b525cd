"""Clients that hang up half way: each write whole or not at all, and everybody else is served."""

import asyncio
import json
import random
import socket
import struct

from server.kernel.ids import new_id
from tests.factories.town import Town, make_town, wanted
from tests.faults.conftest import Ground, lines_held
from tests.support.http import data_of
from tests.support.loan import Loan
from tests.support.phones import phones
from tests.support.process import HOST
from tests.support.served import Product, running
from tests.support.verdict import reading_beside, verdicts
from tests.support.waiting import eventually

SEED = 20260702
# More than the pool has, so that one leaked connection a time would be felt.
LATER = 40


def request_of(town: Town, number: int) -> bytes:
    """A client's application, as bytes on the wire: all of them for one thing, each for a day of their own."""
    thing = town.things[number % len(town.things)]
    first = number // len(town.things) % 20
    body = json.dumps(wanted(thing.id, first, first)).encode()
    head = (
        "POST /mini/v1/borrowings HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {town.borrowers[0]}\r\nIdempotency-Key: {new_id()}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def hang_up(product: Product, request: bytes, chance: random.Random) -> None:
    """Send the request, or a part of it, and go at a seeded moment: politely, or with a reset."""
    is_partial, is_rude, seconds = chance.random() < 0.2, chance.random() < 0.5, chance.uniform(0, 0.4)
    reader, writer = await asyncio.open_connection(HOST, product.port)
    writer.write(request[: chance.randrange(len(request))] if is_partial else request)
    try:
        async with asyncio.timeout(seconds):
            await writer.drain()
            await reader.read()
    except (TimeoutError, ConnectionError):
        pass
    if is_rude:
        connection: socket.socket = writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()
    else:
        writer.close()


async def test_writes_are_whole_or_absent_when_clients_hang_up(ground: Ground, is_full_size: bool):
    size = 500 if is_full_size else 80
    chance = random.Random(SEED)
    town = await make_town(ground.environment, things=25 + LATER)
    things = Town(town.borrowers, town.approvers, town.lender, town.things[:25])
    with running(ground.environment) as product:
        await asyncio.gather(*(hang_up(product, request_of(things, number), chance) for number in range(size)))
        # All at once, one for each connection of both pools and more: none is missing.
        async with phones(product, [town.borrowers[0], town.approvers[0], town.lender]) as people:
            loans = [Loan(thing, *people) for thing in town.things[25:]]
            await asyncio.gather(*(loan.go(2) for loan in loans))
            data_of(await people[0].look("/borrowings"))
        # Nobody is on the line any more, as the product's side sees it too.
        await eventually(lambda: lines_held(product.port) == 0, 90)
        async with reading_beside(ground.environment) as reader:
            for loan in loans:
                await loan.require_kept(reader)
            halves = await reader.fetch_all(
                "SELECT b.id FROM borrowing b"
                " WHERE (SELECT COUNT(*) FROM borrowing_line WHERE borrowing_id = b.id) <> 1"
                " OR (SELECT COUNT(*) FROM asset_day WHERE borrowing_id = b.id) < 1"
                " OR (SELECT COUNT(*) FROM approval_chain WHERE subject_id = b.id) <> 1"
                " OR (SELECT COUNT(*) FROM audit_event WHERE subject_id = b.id AND action = 'borrowing.submit') <> 1"
            )
            made = await reader.fetch_all("SELECT id FROM borrowing")
        assert halves == []
        # At least the ones that stayed on the line until their answer are there.
        assert LATER < len(made) <= LATER + size
        assert await verdicts(ground.environment) == []
