"""The events and temporary bodies that an application can name."""

from server.circulation.occasions.queries import choosable_occasions
from server.kernel.actor import Actor
from server.web.formats import day
from server.web.parts import Option


async def occasion_options(actor: Actor) -> list[Option]:
    """Those that the actor's unit leads and that go on, each with its last day."""
    found = await choosable_occasions(actor)
    return [Option(each.id, f"{each.name}（{each.kind_name}，到 {day(each.ends_on)}）") for each in found]
