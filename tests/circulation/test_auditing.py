"""What an auditor finds of a loan: everything that was decided about it stands in the card's story, too."""

from server.circulation import auditing
from server.circulation.commands import renew_borrowing
from server.circulation.losses import auditing as losses_auditing
from server.identity.roles import Role
from server.kernel.actor import Actor
from server.kernel.audit.queries import AuditFilter, list_events
from server.kernel.audit.subjects import labels_of
from server.kernel.reading import reading
from tests.circulation.test_losses import make_loss, settled, write_off
from tests.circulation.test_renewal import decide_renewal, renewal
from tests.factories.circulation import Hall, make_borrowing
from tests.factories.identity import make_actor

REGISTERED = (auditing, losses_auditing)


async def decisions(reader: Actor, subject: str) -> list[tuple[str, str]]:
    """What kind of thing each decision is about, and how that is called; the newest first."""
    found = (await list_events(reader, AuditFilter(subject=subject, action="approval.decided"))).items
    async with reading() as rows:
        labels = await labels_of(rows, {each.subject_id for each in found})
    return [(each.subject_kind, labels[each.subject_id]) for each in found]


async def test_each_decision_about_a_write_off_is_found_by_card_case_and_loan(hall: Hall) -> None:
    reader = await make_actor("审计员", hall.ledger.city.linping, Role.AUDIT_ADMIN, is_subtree=True)
    loss = await make_loss(hall)
    await settled(loss)
    await write_off(loss, is_approved=False)
    await write_off(loss)
    both = [("write_off", f"{loss.view.number} 核销")] * 2
    assert await decisions(reader, f"loss:{loss.view.id}") == both
    card = await decisions(reader, f"asset:{hall.projector.id}")
    assert card[:2] == both and {kind for kind, _ in card[2:]} == {"borrowing"}


async def test_decision_about_a_renewal_is_found_by_card_and_loan(hall: Hall) -> None:
    reader = await make_actor("审计员", hall.ledger.city.linping, Role.AUDIT_ADMIN, is_subtree=True)
    view = await make_borrowing(hall, until="issued")
    await decide_renewal(hall, await renew_borrowing(hall.borrower, renewal(view, 6)), is_approved=True)
    about = ("renewal", f"{view.number} 续借")
    assert (await decisions(reader, f"borrowing:{view.id}"))[0] == about
    assert (await decisions(reader, f"asset:{hall.projector.id}"))[0] == about
