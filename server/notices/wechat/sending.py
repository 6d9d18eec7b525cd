"""Sending one message: taken in hand, sent outside every transaction, and what came of it noted.

The consent is spent when the message is taken in hand. It is given back where the message was surely not sent, and not
where nobody knows: WeChat may have spent it, and a person is rather told once (the inbox has it all) than twice.
"""

import logging
from datetime import datetime, timedelta

import msgspec

from server.gateways.wechat import SubscribeOutcome, SubscribeResult
from server.identity.ops import current_gateway, openid_of
from server.kernel.actor import Actor
from server.kernel.command import command
from server.kernel.errors import DomainError
from server.kernel.instants import from_microseconds, to_microseconds
from server.kernel.storage.database import Row
from server.kernel.unit_of_work import UnitOfWork
from server.notices.wechat.states import MessageState
from server.notices.wechat.templates import PAGE, fields_of, template_by_id
from server.setting_values import MessageTemplate

_log = logging.getLogger("server.wechat_messages")
# Longer than the gateway's longest call, so that nobody else takes a message for lost that is still being sent.
_LEASE = timedelta(seconds=60)
# What happened yesterday is read in the inbox.
USEFUL_FOR = timedelta(hours=24)
TRIES = 8
_FIRST_WAIT = timedelta(seconds=30)
_LONGEST_WAIT = timedelta(hours=1)
_STATES = {
    SubscribeOutcome.ACCEPTED: MessageState.SENT,
    SubscribeOutcome.REFUSED: MessageState.REFUSED,
    SubscribeOutcome.BANNED: MessageState.REFUSED,
    SubscribeOutcome.RECIPIENT_UNKNOWN: MessageState.REFUSED,
    SubscribeOutcome.CONTENT_INVALID: MessageState.FAILED,
    SubscribeOutcome.UNKNOWN: MessageState.UNKNOWN,
}


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """A message in hand. `attempts` tells this taking from an earlier one whose lease ran out."""

    id: str
    attempts: int
    openid: str
    template_id: str
    page: str
    fields: dict[str, str]


async def send_message(actor: Actor, message_id: str) -> None:
    """Take a message that is due in hand, send it and note what came of it."""
    taken = await take_message(actor, message_id)
    if taken is None:
        return
    try:
        result = await current_gateway().send_subscribe_message(
            taken.openid, taken.template_id, taken.page, taken.fields
        )
    except DomainError as error:
        _log.warning("wechat message %s not sent: %s", taken.id, error.code)
        await put_off(actor, taken, int(error.data.get("retry_after", 0)))
    else:
        await settle_message(actor, taken, result)


@command("notices.take_message", is_audited=False)
async def take_message(uow: UnitOfWork, actor: Actor, message_id: str) -> Taken | None:
    """Take a waiting message in hand and spend the consent. None where another process has it, or where it cannot be
    sent any more: then it is dropped. One whose sender died is marked as unknown."""
    now = await uow.now()
    if await _give_up_lost(uow, message_id, now):
        return None
    taken = await uow.execute(
        "UPDATE wechat_message SET state = 'sending', attempts = attempts + 1, due_at = ?"
        " WHERE id = ? AND state = 'waiting' AND due_at <= ?",
        to_microseconds(now + _LEASE),
        message_id,
        to_microseconds(now),
    )
    if not taken:
        return None
    row = await uow.fetch_one(
        "SELECT m.id, m.attempts, m.person_id, m.template_id, m.created_at, n.id AS notice_id, n.title, n.body,"
        " n.created_at AS told_at FROM wechat_message m LEFT JOIN notice n ON n.id = m.notice_id WHERE m.id = ?",
        message_id,
    )
    assert row is not None
    openid = await openid_of(uow, row["person_id"])
    template = template_by_id(row["template_id"])
    is_useful = row["notice_id"] is not None and from_microseconds(row["created_at"]) > now - USEFUL_FOR
    if openid is None or template is None or not is_useful or not await _spend(uow, row["person_id"], template):
        await _end(uow, row["id"], MessageState.DROPPED, None, now)
        return None
    return _taken(row, openid, template)


def _taken(row: Row, openid: str, template: MessageTemplate) -> Taken:
    return Taken(
        id=row["id"],
        attempts=row["attempts"],
        openid=openid,
        template_id=template.template_id,
        page=PAGE.format(row["notice_id"]),
        fields=fields_of(template, row["title"], row["body"], from_microseconds(row["told_at"])),
    )


async def _give_up_lost(uow: UnitOfWork, message_id: str, now: datetime) -> bool:
    lost = await uow.execute(
        "UPDATE wechat_message SET state = 'unknown', ended_at = ? WHERE id = ? AND state = 'sending' AND due_at <= ?",
        to_microseconds(now),
        message_id,
        to_microseconds(now),
    )
    if lost:
        await uow.record("wechat_message.settled", "wechat_message", message_id, state=str(MessageState.UNKNOWN))
    return bool(lost)


async def _spend(uow: UnitOfWork, person_id: str, template: MessageTemplate) -> bool:
    """Whether the person still allows a message by this template; a single consent is spent by asking."""
    if template.is_standing:
        sql = "SELECT id FROM message_consent WHERE person_id = ? AND template_id = ? AND is_standing = 1"
        return await uow.fetch_one(sql, person_id, template.template_id) is not None
    spent = await uow.execute(
        "UPDATE message_consent SET remaining = remaining - 1"
        " WHERE person_id = ? AND template_id = ? AND remaining > 0",
        person_id,
        template.template_id,
    )
    return spent == 1


@command("notices.settle_message")
async def settle_message(uow: UnitOfWork, actor: Actor, taken: Taken, result: SubscribeResult) -> None:
    """Note WeChat's last word on a message in hand; what it says of the person's consent counts more than ours."""
    state = _STATES[result.outcome]
    row = await uow.fetch_one("SELECT person_id FROM wechat_message WHERE id = ?", taken.id)
    if state == MessageState.FAILED:
        _log.error("wechat does not take message %s: errcode %s", taken.id, result.errcode)
    is_ours = await _end(uow, taken.id, state, result.errcode, await uow.now(), taken.attempts)
    if row is None or not is_ours:
        # Its lease had run out and somebody marked it as unknown, or its person's data were erased meanwhile.
        await uow.record("wechat_message.settled", "wechat_message", taken.id, outcome="late", state=str(state))
    elif state == MessageState.REFUSED:
        await uow.execute(
            "UPDATE message_consent SET remaining = 0, is_standing = 0 WHERE person_id = ? AND template_id = ?",
            row["person_id"],
            taken.template_id,
        )
    elif state == MessageState.FAILED:
        await _give_back(uow, row["person_id"], taken.template_id)


@command("notices.put_off_message", is_audited=False)
async def put_off(uow: UnitOfWork, actor: Actor, taken: Taken, wait_seconds: int) -> None:
    """Give the consent of a message that was surely not sent back, and try again later; at last give up."""
    now = await uow.now()
    row = await uow.fetch_one("SELECT person_id FROM wechat_message WHERE id = ?", taken.id)
    wait = max(min(_FIRST_WAIT * 2 ** (taken.attempts - 1), _LONGEST_WAIT), timedelta(seconds=wait_seconds))
    if taken.attempts >= TRIES:
        is_ours = await _end(uow, taken.id, MessageState.FAILED, None, now, taken.attempts)
    else:
        is_ours = (
            await uow.execute(
                "UPDATE wechat_message SET state = 'waiting', due_at = ?"
                " WHERE id = ? AND state = 'sending' AND attempts = ?",
                to_microseconds(now + wait),
                taken.id,
                taken.attempts,
            )
            == 1
        )
    if row is not None and is_ours:
        await _give_back(uow, row["person_id"], taken.template_id)


async def _end(
    uow: UnitOfWork,
    message_id: str,
    state: MessageState,
    errcode: int | None,
    now: datetime,
    attempts: int | None = None,
) -> bool:
    """Bring a message in hand to its end; False where it is not in hand (of this taking) any more."""
    sql, values = "", [state, errcode, to_microseconds(now), message_id]
    if attempts is not None:
        sql, values = " AND attempts = ?", [*values, attempts]
    ended = await uow.execute(
        f"UPDATE wechat_message SET state = ?, errcode = ?, ended_at = ? WHERE id = ? AND state = 'sending'{sql}",  # noqa: S608
        *values,
    )
    if ended:
        await uow.record("wechat_message.settled", "wechat_message", message_id, state=str(state))
    return bool(ended)


async def _give_back(uow: UnitOfWork, person_id: str, template_id: str) -> None:
    template = template_by_id(template_id)
    if template is not None and not template.is_standing:
        await uow.execute(
            "UPDATE message_consent SET remaining = remaining + 1 WHERE person_id = ? AND template_id = ?",
            person_id,
            template_id,
        )
