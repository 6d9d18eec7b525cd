"""Things on the sharing board and borrowings at every stage, made by commands alone."""

from dataclasses import dataclass
from datetime import date, timedelta
from io import BytesIO
from typing import Any

from PIL import Image

from server.approvals.commands import decide
from server.approvals.queries import waiting_task_for
from server.approvals.types import Decide
from server.assets.types import AssetView
from server.circulation import handlers, jobs
from server.circulation.commands import issue_by_code, open_listing, return_by_code, submit_borrowing
from server.circulation.types import BorrowingView, IssueByCode, ListingView, OpenListing, ReturnByCode, SubmitBorrowing
from server.files.commands import store_picture
from server.files.types import Visibility
from server.identity.roles import Role
from server.kernel.actor import Actor
from server.kernel.reading import present_day
from server.places.types import PlaceFacts
from tests.factories.assets import Ledger, make_card, make_ledger
from tests.factories.identity import make_actor

# Importing them registers them; a test that borrows needs its decisions heard.
REGISTERED = (handlers, jobs)


@dataclass(frozen=True, slots=True)
class Hall:
    """A ledger whose culture office borrows what the health office lends.

    `borrower` 区文广旅体局 applies; `approver` is its asset manager, `lender` the health office's; `projector` is a
    card of the health office and `listing` its place on the board.
    """

    ledger: Ledger
    borrower: Actor
    approver: Actor
    lender: Actor
    projector: AssetView
    listing: ListingView


async def make_hall(**card: Any) -> Hall:
    """A ledger with one projector on the board; `card` replaces fields of it."""
    ledger = await make_ledger()
    projector, listing = await make_listed_projector(ledger, **card)
    return Hall(
        ledger=ledger,
        borrower=await make_actor("李晓梅", ledger.city.culture, Role.BORROWER),
        approver=ledger.culture_manager,
        lender=ledger.health_manager,
        projector=projector,
        listing=listing,
    )


async def make_listed_projector(
    ledger: Ledger, *, longest_days: int = 30, reach: str = "city", **card: Any
) -> tuple[AssetView, ListingView]:
    """A projector of the health office, on the board."""
    return await make_listed(ledger.health_manager, ledger.health_room, longest_days=longest_days, reach=reach, **card)


async def make_listed(
    manager: Actor, place: PlaceFacts, *, longest_days: int = 30, reach: str = "city", **card: Any
) -> tuple[AssetView, ListingView]:
    """A thing of the manager's unit, on the board."""
    asset = await make_card(manager, place, **card)
    request = OpenListing(asset.id, "自取自还，请带单位介绍信", longest_days, reach)  # type: ignore[arg-type]
    return asset, await open_listing(manager, request)


async def make_chairs(ledger: Ledger, pieces: int, **card: Any) -> list[AssetView]:
    """So many equal chairs of the health office, on the board, by id; `card` replaces fields of all."""
    fields = {"item_name": "会议椅", "brand": "震旦", "model": "CB-32", **card}
    made = [(await make_listed_projector(ledger, **fields))[0] for _ in range(pieces)]
    return sorted(made, key=lambda card: card.id)


def day(offset: int) -> date:
    """Today and so many days."""
    return present_day() + timedelta(days=offset)


def application(asset_id: str, first: int = 0, last: int = 2, **changes: object) -> SubmitBorrowing:
    """A request for the days from `first` to `last`, counted from today."""
    fields: dict[str, object] = {
        "asset_id": asset_id,
        "from_day": day(first),
        "to_day": day(last),
        "purpose": "全区文化工作会议放映",
        "phone": "13805710001",
    }
    return SubmitBorrowing(**{**fields, **changes})  # type: ignore[arg-type]


async def make_borrowing(hall: Hall, first: int = 0, last: int = 2, *, until: str = "submitted") -> BorrowingView:
    """A borrowing of the hall's projector, brought on `until` submitted, approved, issued or returned."""
    view = await submit_borrowing(hall.borrower, application(hall.projector.id, first, last))
    if until == "submitted":
        return view
    await approve(view.id, hall.approver, hall.lender)
    if until == "approved":
        return view
    view = await issue_by_code(hall.lender, IssueByCode(view.id, hall.projector.code, "李晓梅"))
    return view if until == "issued" else await return_by_code(hall.lender, ReturnByCode(hall.projector.code))


async def approve(borrowing_id: str, *approvers: Actor) -> None:
    """Let each approver agree to the step that waits for them."""
    for approver in approvers:
        await answer(borrowing_id, approver, is_approved=True)


async def answer(borrowing_id: str, approver: Actor, *, is_approved: bool, opinion: str = "同意") -> None:
    """Decide the step of a borrowing that waits for `approver`."""
    task = await waiting_task_for(approver, "borrowing", borrowing_id)
    assert task is not None, (approver.person_name, approver.unit_name, [grant.role for grant in approver.grants])
    await decide(approver, Decide(task_id=task.id, is_approved=is_approved, opinion=opinion))


async def make_photograph(actor: Actor, visibility: Visibility = Visibility.GOVERNMENT) -> str:
    """The id of a small photograph that the actor's unit has stored."""
    content = BytesIO()
    Image.new("RGB", (64, 48), "#8899aa").save(content, "JPEG")
    return (await store_picture(actor, content.getvalue(), "照片.jpg", visibility)).id
