"""Allowing messages to one's WeChat, and taking that back."""

from tortoise.exceptions import IntegrityError

from server.identity.ops import openid_of
from server.kernel.actor import Actor
from server.kernel.command import command
from server.kernel.errors import FieldError, InvalidInput, StateConflict
from server.kernel.instants import to_microseconds
from server.kernel.storage.faults import is_duplicate
from server.kernel.unit_of_work import UnitOfWork
from server.notices.queries import owner_of
from server.notices.wechat.models import MessageConsent
from server.notices.wechat.queries import consents_of
from server.notices.wechat.templates import template_by_id
from server.notices.wechat.types import ConsentAnswer, ConsentsView
from server.setting_values import MessageTemplate


@command("notices.answer_consents")
async def answer_consents(uow: UnitOfWork, actor: Actor, answers: list[ConsentAnswer]) -> ConsentsView:
    """Note what the actor's phone answered. An acceptance allows one more message, or, of a long-term template, all;
    a refusal takes a long-term one back and leaves single ones, which WeChat keeps too.

    InvalidInput `consent.template_unknown` or `consent.repeated`, with the field; StateConflict `consent.not_bound`.
    """
    person_id = owner_of(actor)
    templates = _templates_of(answers)
    if await openid_of(uow, person_id) is None:
        raise StateConflict("consent.not_bound")
    # In one order, so that two phones of one person do not wait for each other.
    for template, answer in sorted(zip(templates, answers, strict=True)):
        await _note(uow, person_id, template, answer.answer)
    await uow.record("consent.answered", "person", person_id, answers=[answer.answer for answer in answers])
    return await consents_of(uow, person_id)


@command("notices.withdraw_consent")
async def withdraw_consent(uow: UnitOfWork, actor: Actor, template_id: str) -> ConsentsView:
    """Send the actor nothing more by this template (个人信息保护法第十五条: consent may be taken back at any time).

    StateConflict `consent.nothing_allowed` where nothing was allowed.
    """
    person_id = owner_of(actor)
    gone = await uow.execute(
        "UPDATE message_consent SET remaining = 0, is_standing = 0"
        " WHERE person_id = ? AND template_id = ? AND (remaining > 0 OR is_standing = 1)",
        person_id,
        template_id,
    )
    if not gone:
        raise StateConflict("consent.nothing_allowed")
    await uow.record("consent.withdrawn", "person", person_id)
    return await consents_of(uow, person_id)


def _templates_of(answers: list[ConsentAnswer]) -> list[MessageTemplate]:
    templates, faults = [], []
    seen: set[str] = set()
    for number, answer in enumerate(answers):
        field = f"answers.{number}.template_id"
        template = template_by_id(answer.template_id)
        if template is None:
            faults.append(FieldError(field, "consent.template_unknown"))
        elif answer.template_id in seen:
            faults.append(FieldError(field, "consent.repeated"))
        else:
            seen.add(answer.template_id)
            templates.append(template)
    if faults:
        raise InvalidInput(faults[0].code, fields=faults)
    return templates


async def _note(uow: UnitOfWork, person_id: str, template: MessageTemplate, answer: str) -> None:
    more = int(answer == "accept" and not template.is_standing)
    now = await uow.now()
    # What a long-term template was answered holds; what a single one was answered says nothing about it.
    standing = "?" if template.is_standing and answer in {"accept", "reject"} else "is_standing OR ?"
    changed = await uow.execute(
        f"UPDATE message_consent SET remaining = remaining + ?, is_standing = {standing}, last_answer = ?,"  # noqa: S608
        " answered_at = ? WHERE person_id = ? AND template_id = ?",
        more,
        int(template.is_standing and answer == "accept"),
        answer,
        to_microseconds(now),
        person_id,
        template.template_id,
    )
    if changed:
        return
    consent = MessageConsent(
        person_id=person_id,
        template_id=template.template_id,
        remaining=more,
        is_standing=template.is_standing and answer == "accept",
        last_answer=answer,
        answered_at=now,
    )
    try:
        await uow.add(consent)
    except IntegrityError as error:
        if not is_duplicate(error):
            raise
        # The first answer of another phone of the same person came in between.
        await _note(uow, person_id, template, answer)
