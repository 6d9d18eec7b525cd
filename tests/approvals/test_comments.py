"""What is said about an application: by those who take part, told to the others, never edited."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from server.approvals.commands import decide
from server.approvals.comments import jobs
from server.approvals.comments.commands import add_comment, withdraw_comment
from server.approvals.comments.queries import attachment_of, comments_of
from server.approvals.comments.types import AddComment, CommentView
from server.approvals.queries import list_tasks
from server.approvals.types import Decide
from server.identity.roles import Role
from server.jobs.relay import deliver_due
from server.kernel.actor import Actor, Grant
from server.kernel.clock import ShiftedClock
from server.kernel.reading import reading
from server.kernel.runtime import Runtime
from server.notices.queries import list_notices
from tests.approvals.trial import KIND, apply
from tests.factories.circulation import make_photograph
from tests.factories.identity import SYSTEM, make_actor
from tests.identity.asking import refusal_code
from tests.support.meanwhile import while_finishing


@pytest.fixture
def go_on(runtime: Runtime, tmp_path: Path) -> Callable[[int], None]:
    """Let it be so many minutes later."""
    clock = ShiftedClock(tmp_path / "offset")
    runtime.clock = clock
    return lambda minutes: clock.move_to(timedelta(minutes=minutes))


async def say(actor: Actor, subject: str, text: str = "会场在二楼", *pictures: str) -> CommentView:
    wanted = AddComment(subject_kind=KIND, subject_id=subject, text=text, attachments=pictures)
    return await add_comment(actor, wanted)


async def texts(actor: Actor, subject: str) -> list[str]:
    return [comment.text for comment in (await comments_of(actor, KIND, subject)).comments]


async def notices(actor: Actor) -> list[str]:
    assert jobs.tell_of_comment
    while await deliver_due():
        pass
    return [notice.title for notice in (await list_notices(actor)).items if "留了言" in notice.title]


async def test_those_who_take_part_talk_and_the_others_are_told(city, people):
    subject = await apply(people.borrower, city.culture)
    await say(people.borrower, subject)
    await say(people.manager, subject, "请与后勤确认")
    assert (
        await texts(people.borrower, subject) == ["会场在二楼", "请与后勤确认"] == await texts(people.manager, subject)
    )
    said = f"{people.borrower.person_name}对申请留了言"
    assert await notices(people.manager) == [said]
    assert await notices(people.borrower) == [f"{people.manager.person_name}对申请留了言"]
    # The lender is not asked yet: nothing is told, nothing is to be seen.
    assert await notices(people.lender) == []
    assert await refusal_code(comments_of(people.lender, KIND, subject)) == "comment.subject_not_found"
    await decide(people.manager, Decide((await list_tasks(people.manager)).items[0].id, True))
    assert len(await texts(people.lender, subject)) == 2
    await say(people.lender, subject, "可以借")
    # Whoever decided before still takes part.
    assert (await notices(people.manager))[0] == f"{people.lender.person_name}对申请留了言"


async def test_nobody_else_hears_or_speaks(city, people):
    subject = await apply(people.borrower, city.culture)
    await say(people.borrower, subject)
    colleague = await make_actor("路人", city.health, Role.BORROWER)
    elsewhere = await make_actor("别处", city.education, Role.ASSET_MANAGER)
    wide = await make_actor("别处的上级", city.education, Role.ASSET_MANAGER, is_subtree=True)
    below = msgspec.structs.replace(people.above, grants=(Grant("asset_manager"),))
    for actor in (colleague, elsewhere, wide, below, people.finance, SYSTEM):
        assert await refusal_code(comments_of(actor, KIND, subject)) == "comment.subject_not_found"
        if actor.person_id:
            assert await refusal_code(say(actor, subject)) == "comment.subject_not_found"
    above = msgspec.structs.replace(people.above, grants=(Grant("asset_manager", is_subtree=True),))
    assert await texts(above, subject) == ["会场在二楼"]
    assert await refusal_code(comments_of(people.borrower, "borrowing", subject)) == "comment.subject_not_found"


async def test_comment_is_taken_back_for_a_few_minutes_only(city, people, go_on):
    subject = await apply(people.borrower, city.culture)
    first, second = await say(people.borrower, subject, "写错了"), await say(people.borrower, subject, "会场在二楼")
    assert first.can_withdraw and first.is_mine
    assert await refusal_code(withdraw_comment(people.manager, first.id)) == "comment.not_author"
    assert await refusal_code(withdraw_comment(people.lender, first.id)) == "comment.not_found"
    go_on(9)
    taken = await withdraw_comment(people.borrower, first.id)
    assert (taken.text, taken.is_withdrawn, taken.can_withdraw) == ("", True, False)
    assert await texts(people.manager, subject) == ["", "会场在二楼"]
    assert await refusal_code(withdraw_comment(people.borrower, first.id)) == "comment.withdrawn"
    go_on(11)
    assert await refusal_code(withdraw_comment(people.borrower, second.id)) == "comment.too_late"
    assert await notices(people.manager) == [f"{people.borrower.person_name}对申请留了言"]
    async with reading() as db:
        rows = await db.fetch_all("SELECT action, facts FROM audit_event WHERE action LIKE 'comment.%' ORDER BY id")
    assert [row["action"] for row in rows] == ["comment.add", "comment.add", "comment.withdraw"]
    assert not any("写错了" in row["facts"] for row in rows)


async def test_pictures_are_for_those_who_take_part(city, people):
    subject = await apply(people.borrower, city.culture)
    picture = await make_photograph(people.borrower)
    comment = await say(people.borrower, subject, "现场照片", picture)
    assert [(each.id, each.kind) for each in comment.attachments] == [(picture, "picture")]
    shown = await attachment_of(people.manager, comment.id, picture, want_thumbnail=True)
    assert shown.media_type == "image/jpeg"
    assert await refusal_code(attachment_of(people.lender, comment.id, picture, want_thumbnail=True)) == (
        "comment.not_found"
    )
    other = await make_photograph(people.borrower)
    for file_id in (other, "nothing"):
        assert await refusal_code(attachment_of(people.manager, comment.id, file_id, want_thumbnail=False)) == (
            "comment.not_found"
        )
    await withdraw_comment(people.borrower, comment.id)
    assert await refusal_code(attachment_of(people.manager, comment.id, picture, want_thumbnail=False)) == (
        "comment.not_found"
    )


async def test_comment_is_refused_with_what_does_not_belong(city, people):
    subject = await apply(people.borrower, city.culture)
    own = [await make_photograph(people.borrower) for _ in range(4)]
    foreign = await make_photograph(people.lender)
    for text, pictures, code in (
        ("", (), "input.required"),
        ("长" * 1001, (), "input.too_long"),
        ("响铃\u0007", (), "input.control_character"),
        ("太多", tuple(own), "comment.too_many_attachments"),
        ("两次", (own[0], own[0]), "comment.attached_twice"),
        ("别人的", (foreign,), "file.unknown"),
        ("没有的", ("nothing",), "file.unknown"),
    ):
        assert await refusal_code(say(people.borrower, subject, text, *pictures)) == code
    assert await texts(people.borrower, subject) == []


async def test_nothing_is_said_once_it_is_decided(city, people):
    subject = await apply(people.borrower, city.culture)
    await decide(people.manager, Decide((await list_tasks(people.manager)).items[0].id, False, "本单位已有"))
    assert await refusal_code(say(people.borrower, subject)) == "comment.closed"
    assert not (await comments_of(people.borrower, KIND, subject)).can_add


async def test_nothing_is_said_when_the_application_is_being_decided(city, people, settings):
    subject = await apply(people.borrower, city.health)
    task = (await list_tasks(people.manager)).items[0].id
    answers = await while_finishing(
        settings,
        lambda: decide(people.manager, Decide(task, True)),
        lambda: say(people.borrower, subject),
    )
    assert answers == ("done", "comment.closed") and await texts(people.manager, subject) == []


async def test_comment_is_taken_back_once_when_it_is_asked_for_twice_at_once(city, people, settings):
    subject = await apply(people.borrower, city.culture)
    comment = await say(people.borrower, subject)
    answers = await while_finishing(
        settings,
        lambda: withdraw_comment(people.borrower, comment.id),
        lambda: withdraw_comment(people.borrower, comment.id),
    )
    assert answers == ("done", "comment.withdrawn")
