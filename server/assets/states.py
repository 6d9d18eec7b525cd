"""The life of an asset as data (rules: Asset life)."""

from enum import StrEnum


class AssetState(StrEnum):
    """Where in its life a thing is. Listing, booking and freezing are facts beside the state."""

    REGISTERED = "registered"
    IN_STORE = "in_store"
    IN_USE = "in_use"
    ON_LOAN = "on_loan"
    RETURN_INSPECTION = "return_inspection"
    IN_REPAIR = "in_repair"
    SCRAP_PROPOSED = "scrap_proposed"
    DISPOSAL = "disposal"
    DISPOSED = "disposed"
    LOST = "lost"


STATE_NAMES: dict[str, str] = {
    AssetState.REGISTERED: "已登记",
    AssetState.IN_STORE: "在库",
    AssetState.IN_USE: "在用",
    AssetState.ON_LOAN: "借出",
    AssetState.RETURN_INSPECTION: "归还待验",
    AssetState.IN_REPAIR: "维修中",
    AssetState.SCRAP_PROPOSED: "拟报废",
    AssetState.DISPOSAL: "处置中",
    AssetState.DISPOSED: "已处置",
    AssetState.LOST: "遗失或盘亏",
}

TRANSITIONS: dict[AssetState, frozenset[AssetState]] = {
    AssetState.REGISTERED: frozenset({AssetState.IN_STORE, AssetState.IN_USE}),
    AssetState.IN_STORE: frozenset(
        {AssetState.IN_USE, AssetState.ON_LOAN, AssetState.IN_REPAIR, AssetState.SCRAP_PROPOSED, AssetState.LOST}
    ),
    AssetState.IN_USE: frozenset(
        {AssetState.IN_STORE, AssetState.ON_LOAN, AssetState.IN_REPAIR, AssetState.SCRAP_PROPOSED, AssetState.LOST}
    ),
    AssetState.ON_LOAN: frozenset({AssetState.RETURN_INSPECTION, AssetState.LOST}),
    AssetState.RETURN_INSPECTION: frozenset({AssetState.IN_STORE, AssetState.IN_USE, AssetState.IN_REPAIR}),
    AssetState.IN_REPAIR: frozenset({AssetState.IN_STORE, AssetState.IN_USE, AssetState.SCRAP_PROPOSED}),
    AssetState.SCRAP_PROPOSED: frozenset({AssetState.DISPOSAL, AssetState.IN_STORE, AssetState.IN_USE}),
    AssetState.DISPOSAL: frozenset({AssetState.DISPOSED}),
    AssetState.DISPOSED: frozenset(),
    AssetState.LOST: frozenset({AssetState.IN_STORE, AssetState.IN_USE, AssetState.DISPOSED}),
}

# At its own place and free of any process: the states in which a thing can be lent, listed or moved about.
AT_HOME = frozenset({AssetState.IN_STORE, AssetState.IN_USE})
# States in which somebody of the holder has the thing in hand, so that its place can change.
MOVABLE = AT_HOME | {AssetState.RETURN_INSPECTION, AssetState.IN_REPAIR, AssetState.SCRAP_PROPOSED}

CONDITION_NAMES: dict[str, str] = {"new": "全新", "good": "良好", "usable": "可用", "damaged": "有损坏"}


def can_become(state: str, target: AssetState) -> bool:
    """Whether a thing in `state` may go on to `target`."""
    return target in TRANSITIONS[AssetState(state)]


def home_state(is_warehouse: bool) -> AssetState:
    """The state of a thing that is at its place: in store in a warehouse, in use anywhere else."""
    return AssetState.IN_STORE if is_warehouse else AssetState.IN_USE


def can_be_listed(state: str, *, is_classified: bool, is_frozen: bool, is_uncleared: bool) -> bool:
    """Whether the rules let a thing be offered to others at all (涉密 never; storage media only when cleared)."""
    return state in AT_HOME and not (is_classified or is_frozen or is_uncleared)
