"""People who leave hand over what they posted."""

from server.circulation.wanted.models import WantedPost
from server.identity.ops import HeldItem, register_handover, register_holding
from server.identity.queries import names_of
from server.kernel.errors import StateConflict
from server.kernel.unit_of_work import UnitOfWork


async def held_posts(uow: UnitOfWork, person_id: str) -> list[HeldItem]:
    """The open posts for which the person answers."""
    posts = await uow.find_all(WantedPost, poster_id=person_id, state="open")
    return [HeldItem("wanted", post.id, f"需求广场：{post.title}", post.unit_id) for post in posts]


async def move_posts(uow: UnitOfWork, from_id: str, to_id: str, items: list[HeldItem]) -> None:
    """Let `to_id`, a colleague in the unit, answer for the posts."""
    name = (await names_of(uow, [to_id]))[to_id]
    for post in await uow.lock_all(WantedPost, [item.id for item in items]):
        await uow.change_one(
            WantedPost,
            {"id": post.id, "poster_id": from_id, "version": post.version},
            otherwise=StateConflict("record.changed"),
            poster_id=to_id,
            poster_name=name,
            version=post.version + 1,
        )


register_holding("wanted", held_posts)
register_handover("wanted", move_posts, locks="wanted_post")
