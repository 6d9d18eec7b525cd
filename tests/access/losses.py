"""What was lost on loan, by an office or to it, as things of the matrix."""

from server.circulation.losses.commands import decide_loss, record_payment, report_found, report_loss
from server.circulation.losses.types import DecideLoss, RecordPayment, ReportFound, ReportLoss
from server.kernel.actor import Actor
from server.kernel.reading import present_day
from tests.access.loans import make_a_loan, out, taken_by
from tests.access.world import Facts, Maker, Office, World


def lost(amount_fen: int | None = None) -> Maker:
    """Something of the office's that its borrower has lost; with a decision where an amount is given."""

    async def make(world: World, office: Office) -> Facts:
        card, loan = await make_a_loan(world, office, "issued")
        case = await report_loss(world.borrower, report(loan.id, card.id))
        if amount_fen is not None:
            await decide_loss(office.operator, DecideLoss(loss_id=case.id, decision="保管不当", amount_fen=amount_fen))
        return {"loss_id": case.id}

    return make


async def paid_and_found(world: World, office: Office) -> Facts:
    """Something of the office's that was lost, paid for, and found again."""
    facts = await lost(20_000)(world, office)
    paid = RecordPayment(loss_id=facts["loss_id"], receipt_no="浙财0001", paid_on=present_day(), amount_fen=20_000)
    await record_payment(office.operator, paid)
    await report_found(office.manager, ReportFound(loss_id=facts["loss_id"], condition="good"))
    return facts


async def lost_by_us(world: World, office: Office) -> Facts:
    """Something that the office's own people have borrowed and lost."""
    facts = await out(world, office)
    return {"loss_id": (await report_loss(world.lender, report(facts["borrowing_id"], facts["asset_id"]))).id}


async def taken(world: World, me: Actor) -> Facts:
    """What I have borrowed and collected."""
    return await taken_by(world, world.offices["own"], me)


def report(borrowing_id: str, asset_id: str) -> ReportLoss:
    return ReportLoss(borrowing_id=borrowing_id, asset_id=asset_id, explanation="撤展后清点时发现不在")


LOSSES: dict[str, Maker] = {
    "lost": lost(),
    "owed": lost(20_000),
    "settled": lost(0),
    "paid_and_found": paid_and_found,
    "lost_by_us": lost_by_us,
}
