"""The idle search: everything on the boards that the unit sees, by the category and by the item's own name."""

from server.circulation.queries import idle_listings
from server.circulation.types import IdleFound
from server.kernel.actor import Actor
from server.policies.types import ProcurementPolicy
from server.procurement.models import PurchaseNeed

SCOPE = "共享大厅上本单位可借的全部闲置资产（全市及本区县范围）"


async def search_boards(actor: Actor, need: PurchaseNeed, content: ProcurementPolicy) -> IdleFound:
    """What is on the boards now that might meet the need, as the actor's region sees them."""
    return await idle_listings(actor, need.category_code, need.item, content.most_hits)
