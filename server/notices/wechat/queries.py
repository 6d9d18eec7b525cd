"""What a person allowed."""

from server.identity.ops import openid_of
from server.identity.types import RowSource
from server.kernel.actor import Actor
from server.kernel.reading import reading
from server.notices.queries import owner_of
from server.notices.types import NOTICE_KIND_NAMES
from server.notices.wechat.templates import templates_in_use
from server.notices.wechat.types import ConsentsView, ConsentView


async def my_consents(actor: Actor) -> ConsentsView:
    """Every template with what the actor allowed by it. Unauthenticated `session.required` for anybody but a person."""
    async with reading() as rows:
        return await consents_of(rows, owner_of(actor))


async def consents_of(rows: RowSource, person_id: str) -> ConsentsView:
    """The same, from the reader or the unit of work at hand."""
    found = {
        row["template_id"]: row
        for row in await rows.fetch_all(
            "SELECT template_id, remaining, is_standing FROM message_consent WHERE person_id = ?", person_id
        )
    }
    items = [
        ConsentView(
            kind=template.kind,
            kind_name=NOTICE_KIND_NAMES[template.kind],
            template_id=template.template_id,
            remaining=found[template.template_id]["remaining"] if template.template_id in found else 0,
            is_standing=template.template_id in found and bool(found[template.template_id]["is_standing"]),
            is_long_term=template.is_standing,
        )
        for template in templates_in_use()
    ]
    return ConsentsView(items=items, is_bound=await openid_of(rows, person_id) is not None)
