"""The inbox: told once, one's own only, read or unread."""

import pytest

from server.kernel.errors import InvalidInput, NotFound, Unauthenticated
from server.kernel.unit_of_work import unit_of_work
from server.notices.commands import mark_read
from server.notices.ops import notify
from server.notices.queries import list_notices, unread_count
from tests.factories.identity import SYSTEM, make_actor, make_city


async def tell(*people: str, cause: str = "borrowing:1:approved", title: str = "您的申请已通过审批") -> int:
    async with unit_of_work(SYSTEM) as uow:
        return await notify(uow, people, title, "借用投影仪 爱普生 CB-FH52", "borrowing", "1", cause)


async def tell_and_fail(person: str) -> None:
    async with unit_of_work(SYSTEM) as uow:
        await notify(uow, [person], "您的申请已通过审批", "借用投影仪", "borrowing", "1", "lost")
        raise ZeroDivisionError


@pytest.fixture
async def city(runtime):
    return await make_city()


@pytest.fixture
async def reader(city):
    return await make_actor("王芳", city.health)


@pytest.fixture
async def colleague(city):
    return await make_actor("周敏", city.health)


async def test_a_person_is_told_once_of_one_cause(reader, colleague):
    assert await tell(reader.person_id, reader.person_id, colleague.person_id) == 2
    assert await tell(reader.person_id) == 0
    assert await tell(reader.person_id, cause="borrowing:1:overdue") == 1
    assert (await unread_count(reader), await unread_count(colleague)) == (2, 1)


async def test_listeners_hear_of_it_after_the_commit_only(reader, runtime):
    heard: list[str] = []
    runtime.pubsub.listen("notice", heard.append)
    with pytest.raises(ZeroDivisionError):
        await tell_and_fail(reader.person_id)
    assert reader.person_id not in heard and await unread_count(reader) == 0
    await tell(reader.person_id)
    assert reader.person_id in heard


async def test_the_inbox_is_newest_first_and_paged(reader):
    for number in range(5):
        await tell(reader.person_id, cause=f"cause:{number}", title=f"第 {number} 件")
    first = await list_notices(reader, size=3)
    second = await list_notices(reader, first.next_cursor, size=3)
    assert [view.title for view in first.items] == ["第 4 件", "第 3 件", "第 2 件"]
    assert [view.title for view in second.items] == ["第 1 件", "第 0 件"] and second.next_cursor is None


async def test_ones_own_messages_are_marked_read(reader, colleague):
    for number in range(3):
        await tell(reader.person_id, colleague.person_id, cause=f"cause:{number}")
    page = await list_notices(reader)
    assert (await mark_read(reader, [page.items[0].id])).unread == 2
    assert [view.is_read for view in (await list_notices(reader)).items] == [True, False, False]
    assert len((await list_notices(reader, is_unread_only=True)).items) == 2
    assert (await mark_read(reader)).unread == 0
    assert (await mark_read(reader)).unread == 0
    assert await unread_count(colleague) == 3


async def test_anothers_message_is_not_found_and_nothing_is_marked(reader, colleague):
    await tell(reader.person_id, colleague.person_id)
    own, foreign = (await list_notices(reader)).items[0].id, (await list_notices(colleague)).items[0].id
    with pytest.raises(NotFound):
        await mark_read(reader, [own, foreign])
    with pytest.raises(InvalidInput):
        await mark_read(reader, [])
    assert (await unread_count(reader), await unread_count(colleague)) == (1, 1)


async def test_nobody_has_no_inbox(runtime):
    with pytest.raises(Unauthenticated):
        await list_notices(SYSTEM)
    assert await unread_count(SYSTEM) == 0


async def test_a_long_text_ends_in_an_ellipsis(reader):
    await tell(reader.person_id, title="长" * 120)
    assert (await list_notices(reader)).items[0].title == "长" * 99 + "…"


async def test_kind_of_message_is_asked_for_by_a_known_name(reader):
    await tell(reader.person_id)
    assert len((await list_notices(reader, kind="borrowing")).items) == 1
    assert (await list_notices(reader, kind="approval")).items == (await list_notices(reader, kind="other")).items == []
    with pytest.raises(InvalidInput) as refused:
        await list_notices(reader, kind="everything")
    assert [fault.field for fault in refused.value.fields] == ["kind"]
