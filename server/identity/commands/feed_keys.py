"""The secret address under which a person's own calendar is read without a login: made, made anew, switched off."""

import hashlib
import secrets

from server.identity.access import require_person
from server.identity.models import FeedKey, Person, Post
from server.identity.types import FeedKeyView, NewFeedKey
from server.kernel.actor import Actor
from server.kernel.command import command
from server.kernel.errors import Forbidden, NotFound
from server.kernel.unit_of_work import UnitOfWork


async def make_feed_key(actor: Actor) -> NewFeedKey:
    """A key for the unit acted for, shown once; an earlier one of the person no longer works.

    Raises Forbidden `role.required` for anybody but a person who holds a post in the unit now.
    """
    key = secrets.token_urlsafe(32)
    made = await _make(actor.with_key(None), hash_of(key))
    return NewFeedKey(key, made.unit_name, made.made_at)


def hash_of(key: str) -> str:
    """What is stored of a key: 256 random bits need no salt."""
    return hashlib.sha256(key.encode()).hexdigest()


@command("identity.make_feed_key")
async def _make(uow: UnitOfWork, actor: Actor, key_hash: str) -> FeedKeyView:
    # The person's row is held: neither being disabled nor the end of the post passes by unseen.
    person = await uow.lock(Person, require_person(actor))
    post = await uow.find(Post, person_id=actor.person_id, unit_id=actor.unit_id, is_active=True)
    if person is None or not person.is_active or post is None:
        raise Forbidden("role.required")
    await uow.execute("DELETE FROM feed_key WHERE person_id = ?", person.id)
    made = FeedKey(person_id=person.id, unit_id=post.unit_id, key_hash=key_hash, made_at=await uow.now())
    await uow.add(made)
    await uow.record("feed_key.made", "person", person.id, unit_id=post.unit_id)
    return FeedKeyView(actor.unit_name, made.made_at)


@command("identity.end_feed_key")
async def end_feed_key(uow: UnitOfWork, actor: Actor) -> None:
    """Switch one's calendar address off. NotFound `feed_key.not_found` where there is none."""
    person_id = require_person(actor)
    if await uow.execute("DELETE FROM feed_key WHERE person_id = ?", person_id) != 1:
        raise NotFound("feed_key.not_found")
    await uow.record("feed_key.ended", "person", person_id)
