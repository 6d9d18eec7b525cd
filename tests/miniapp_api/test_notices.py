"""The inbox by phone."""

from typing import Any

from server.circulation.commands import mark_ready
from server.kernel.ids import new_id
from server.kernel.reading import reading
from tests.factories.circulation import make_borrowing
from tests.miniapp_api.conftest import Town
from tests.support.http import code_of, data_of
from tests.support.waiting import eventually


async def nothing_is_under_way() -> bool:
    async with reading() as view:
        return not await view.fetch_all("SELECT id FROM outbox_event WHERE delivered_at IS NULL")


async def test_applicant_reads_the_message_when_the_thing_is_ready(town: Town) -> None:
    view = await make_borrowing(town.hall, until="approved")
    await mark_ready(town.hall.lender, view.id)

    async def messages() -> list[Any]:
        found: list[Any] = data_of(await town.borrower.get("/notices"))["items"]
        return [each for each in found if "已备好" in each["title"]]

    found: list[Any] = await eventually(messages)
    message = found[0]
    # Word of the approval may still be on its way, and would be counted between one look and the next.
    await eventually(nothing_is_under_way)
    assert message["link_id"] == view.id
    unread = data_of(await town.borrower.get("/notices/unread-count"))["unread"]
    assert unread >= 1
    key = new_id()
    left = data_of(await town.borrower.post("/notices/reading", {"ids": [message["id"]]}, key=key))
    assert left == {"unread": unread - 1}
    assert data_of(await town.borrower.post("/notices/reading", {"ids": [message["id"]]}, key=key)) == left
    assert data_of(await town.borrower.post("/notices/reading", {})) == {"unread": 0}
    others = await town.visitor.post("/notices/reading", {"ids": [message["id"]]})
    assert code_of(others, 404) == "notice.not_found"
    assert code_of(await town.visitor.post("/notices/reading", {"ids": []}), 400) == "notice.none_chosen"
