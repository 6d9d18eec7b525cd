"""What can be read of asset cards."""

from server.assets.cards import facts_by_id as asset_facts
from server.assets.cards import facts_by_scan as asset_by_scan
from server.assets.queries.accessories import accessory_list
from server.assets.queries.card import card_view, label_pdf
from server.assets.queries.export import CARD_HEADINGS, card_table
from server.assets.queries.history import history
from server.assets.queries.holdings import (
    Allowance,
    HeldCard,
    HoldingLine,
    HoldingsView,
    allowance_of,
    can_see_holdings,
    card_standing,
    list_held_cards,
    overseen_unit,
    unit_holdings,
)
from server.assets.queries.scan import find_by_scan
from server.assets.queries.table import list_cards
from server.assets.standing import Standing

__all__ = [
    "CARD_HEADINGS",
    "Allowance",
    "HeldCard",
    "HoldingLine",
    "HoldingsView",
    "Standing",
    "accessory_list",
    "allowance_of",
    "asset_by_scan",
    "asset_facts",
    "can_see_holdings",
    "card_standing",
    "card_table",
    "card_view",
    "find_by_scan",
    "history",
    "label_pdf",
    "list_cards",
    "list_held_cards",
    "overseen_unit",
    "unit_holdings",
]
