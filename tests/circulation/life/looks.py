"""What the product says after a move, held against the model: the days, the loans, the cards, and who sees what."""

from server.approvals.queries import list_tasks
from server.assets.queries import card_view, list_cards
from server.assets.verification import verify_cards
from server.circulation.queries import borrowing_view, list_basket, list_borrowings
from server.circulation.verification import verify_promises
from server.kernel.actor import Actor
from server.kernel.errors import NotFound
from server.kernel.instants import from_day_number
from server.kernel.reading import reading
from server.kernel.storage.database import Row
from tests.circulation.life.model import Loan, Person
from tests.circulation.life.town import Game

_ALL = 100
_CARD_STATES = {"home": "in_use", "out": "on_loan", "back": "return_inspection"}


async def compare(game: Game) -> None:
    """Fail unless days, loans, approvals and cards are what the model says."""
    model = game.model
    things, loans = [thing.id for thing in model.things], [loan.id for loan in model.loans]
    rows = await game.rows("SELECT asset_id, day, borrowing_id FROM asset_day WHERE asset_id {}", things)
    assert {(row["asset_id"], from_day_number(row["day"]).toordinal(), row["borrowing_id"]) for row in rows} == {
        (piece.thing.id, day, loan.id) for loan in model.loans for piece in loan.pieces for day in piece.days
    }
    rows = await game.rows(
        "SELECT id, state, applicant_id, to_day, is_overdue, borrower_unit_name, holder_unit_name FROM borrowing"
        " WHERE id {}",
        loans,
    )
    assert {row["id"]: _facts(row) for row in rows} == {
        loan.id: (loan.state, loan.applicant.id, loan.last, loan.is_overdue, *loan.names) for loan in model.loans
    }
    rows = await game.rows(
        "SELECT id, state, holder_unit_id, owner_unit_id, custodian_id, lent_to_unit_id FROM asset_card WHERE id {}",
        things,
    )
    assert {row["id"]: tuple(row.values())[1:] for row in rows} == {
        thing.id: (
            _CARD_STATES[thing.where],
            thing.holder().id,
            thing.holder().id,
            thing.custodian.id if thing.custodian else None,
            thing.lent_to.now().id if thing.lent_to else None,
        )
        for thing in model.things
    }
    rows = await game.rows(
        "SELECT subject_id, state, applicant_id, current_step FROM approval_chain WHERE state = 'pending'"
        " AND subject_id {}",
        [chain.subject_id for chain in model.chains()],
    )
    assert {tuple(row.values()) for row in rows} == {
        (chain.subject_id, "pending", chain.applicant.id, len(chain.heard)) for chain in model.chains()
    }
    assert await verify_promises() == []


def _facts(row: Row) -> tuple[object, ...]:
    last = from_day_number(row["to_day"]).toordinal()
    names = row["borrower_unit_name"], row["holder_unit_name"]
    return row["state"], row["applicant_id"], last, bool(row["is_overdue"]), *names


async def look_around(game: Game, person: Person) -> None:
    """Fail unless somebody sees what is theirs to see, and nothing else."""
    actor, loans = await game.actor(person), game.model.loans
    assert await _listed(actor, "mine") == {loan.id for loan in loans if loan.applicant is person}
    if person.is_manager:
        assert await _listed(actor, "unit") == {loan.id for loan in loans if person.manages(loan.borrower)}
        assert await _listed(actor, "holder") == {loan.id for loan in loans if person.manages(loan.holder)}
    cards = await list_cards(actor, size=_ALL)
    assert {card.id for card in cards.items} == {
        thing.id for thing in game.model.things if person.manages(thing.holder()) or (thing.custodian is person)
    }
    tasks = await list_tasks(actor, size=_ALL)
    assert {task.subject_id for task in tasks.items} == {
        chain.subject_id for chain in game.model.chains() if not chain.refusal(person)
    }
    for loan in loans[-3:]:
        assert await _sees(actor, loan) == loan.is_seen_by(person)


async def look_from_outside(game: Game) -> None:
    """Fail if a manager of another district's unit sees anything that is not on the board."""
    stranger = game.town.stranger
    assert not (await list_cards(stranger)).items
    assert not (await list_tasks(stranger)).items and not await list_basket(stranger)
    for role_view in ("mine", "unit", "holder", "desk"):
        assert not await _listed(stranger, role_view)
    for loan in game.model.loans[-1:]:
        assert not await _sees(stranger, loan)
    try:
        await card_view(stranger, game.model.things[-1].id)
    except NotFound:
        return
    raise AssertionError("another district's manager sees a card")


async def all_is_resolved(game: Game) -> None:
    """Fail unless every loan has ended, no day to come is held, and the ledger of custody tells the whole story."""
    model = game.model
    assert {loan.state for loan in model.loans} <= {"rejected", "withdrawn", "expired", "closed"}
    assert not [day for thing in model.things for day in model.held(thing) if day > model.today]
    assert await verify_cards() == [] and await verify_promises() == []
    async with reading() as db:
        own = await db.fetch_all(
            "SELECT c.subject_id FROM approval_chain c JOIN approval_task t ON t.chain_id = c.id"
            " WHERE t.decided_by IS NOT NULL AND t.state <> 'pending'"
            " GROUP BY c.subject_id, t.decided_by HAVING COUNT(*) > 1"
        )
    assert own == []


async def _listed(actor: Actor, role_view: str) -> set[str]:
    page = await list_borrowings(actor, role_view, size=_ALL)
    assert page.next_cursor is None
    return {row.id for row in page.items}


async def _sees(actor: Actor, loan: Loan) -> bool:
    try:
        return (await borrowing_view(actor, loan.id)).id == loan.id
    except NotFound:
        return False
