"""What the assets domain takes and gives: requests, facts for other domains, and views for people."""

from datetime import date, datetime

import msgspec

# The columns that a correction may change, in the order in which people read them.
CORRECTABLE = (
    "item_name",
    "brand",
    "model",
    "specification",
    "value_fen",
    "acquired_on",
    "condition",
    "finance_card_no",
    "is_classified",
    "is_storage_medium",
)


class RegisterAsset(msgspec.Struct, frozen=True, kw_only=True):
    """A new card. `value_fen`: integer fen; owner and holder are the acting unit, code and name are made by rule."""

    item_name: str
    brand: str
    model: str
    category_code: str
    value_fen: int
    acquired_on: date
    condition: str
    place_id: str
    specification: str = ""
    custodian_id: str | None = None
    finance_card_no: str | None = None
    is_classified: bool = False
    is_storage_medium: bool = False
    picture_id: str | None = None


class CorrectAsset(msgspec.Struct, frozen=True, kw_only=True):
    """Correct what was entered wrongly; None (or absent) leaves a field as it is, an empty card number clears it."""

    asset_id: str
    version: int
    reason: str
    item_name: str | None = None
    brand: str | None = None
    model: str | None = None
    specification: str | None = None
    value_fen: int | None = None
    acquired_on: date | None = None
    condition: str | None = None
    finance_card_no: str | None = None
    is_classified: bool | None = None
    is_storage_medium: bool | None = None


class Accessory(msgspec.Struct, frozen=True):
    """A part that belongs to a thing, and how many of it."""

    name: str
    pieces: int


class SetAccessories(msgspec.Struct, frozen=True, kw_only=True):
    """What belongs to a thing from now on; an empty list: nothing."""

    asset_id: str
    accessories: list[Accessory]


class AccessoryList(msgspec.Struct, frozen=True, kw_only=True):
    """What belongs to a thing. `suggested`: what belongs to the unit's latest thing of the same brand and model, or
    else of the same category, where the thing itself has no list yet."""

    asset_id: str
    accessories: list[Accessory]
    suggested: list[Accessory]
    can_change: bool


class MoveAsset(msgspec.Struct, frozen=True, kw_only=True):
    """Relocation (移库): the place alone changes, neither owner nor holder."""

    asset_id: str
    place_id: str
    reason: str


class ChangeCustodian(msgspec.Struct, frozen=True, kw_only=True):
    """Another person of the holding unit answers for the thing; None: nobody in particular."""

    asset_id: str
    custodian_id: str | None
    reason: str


class RecordClearing(msgspec.Struct, frozen=True, kw_only=True):
    """A storage medium was wiped. `document_no`: the clearing record's number."""

    asset_id: str
    method: str
    document_no: str


class FreezeAsset(msgspec.Struct, frozen=True, kw_only=True):
    """Seal, case or stocktake: nothing may be done with the thing until it is unfrozen."""

    asset_id: str
    reason: str
    document_no: str


class UnfreezeAsset(msgspec.Struct, frozen=True, kw_only=True):
    """The seal is lifted, by a document of its own."""

    asset_id: str
    reason: str
    document_no: str


class AttachPicture(msgspec.Struct, frozen=True, kw_only=True):
    """Show this picture (stored by the acting unit before) on the card."""

    asset_id: str
    picture_id: str


class AssetFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A card as other domains see it inside a unit of work. Unit paths end with a slash."""

    id: str
    code: str
    name: str
    brand: str
    model: str
    specification: str
    category_code: str
    value_fen: int
    condition: str
    state: str
    owner_unit_id: str
    holder_unit_id: str
    holder_unit_path: str
    custodian_id: str | None
    lent_to_unit_id: str | None
    place_id: str
    is_classified: bool
    is_storage_medium: bool
    is_cleared: bool
    frozen_reason: str | None
    picture_id: str | None
    version: int
    can_be_listed: bool


class AssetView(msgspec.Struct, frozen=True, kw_only=True):
    """One card in full, for those who may see it, with what the reader may do to it now."""

    id: str
    code: str
    name: str
    item_name: str
    brand: str
    model: str
    specification: str
    category_code: str
    category_name: str
    value_fen: int
    acquired_on: date
    condition: str
    condition_name: str
    state: str
    state_name: str
    owner_unit_id: str
    owner_unit_name: str
    holder_unit_id: str
    holder_unit_name: str
    lent_to_unit_id: str | None
    lent_to_unit_name: str | None
    custodian_id: str | None
    custodian_name: str | None
    place_id: str
    place_name: str
    finance_card_no: str | None
    is_classified: bool
    is_storage_medium: bool
    cleared_at: datetime | None
    frozen_reason: str | None
    picture_id: str | None
    label_serial: int | None
    created_at: datetime
    version: int
    can_be_listed: bool
    can_correct: bool = False
    can_move: bool = False
    can_change_custodian: bool = False
    can_record_clearing: bool = False
    can_freeze: bool = False
    can_unfreeze: bool = False
    can_attach_picture: bool = False
    can_print_label: bool = False


class CardRow(msgspec.Struct, frozen=True, kw_only=True):
    """One card in a list. `why`: how it fits what was searched for, in words."""

    id: str
    code: str
    name: str
    category_code: str
    value_fen: int
    condition: str
    condition_name: str
    state: str
    state_name: str
    holder_unit_id: str
    holder_unit_name: str
    place_id: str
    place_name: str
    custodian_name: str | None
    picture_id: str | None
    is_frozen: bool
    why: tuple[str, ...] = ()


class CardFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What a list of cards is narrowed to.

    `category_prefix`: the beginning of a category code; `place_id`: that place and everything below it.
    """

    text: str = ""
    state: str | None = None
    category_prefix: str | None = None
    place_id: str | None = None
    holder_unit_id: str | None = None


class FieldChange(msgspec.Struct, frozen=True, kw_only=True):
    """One field of an event in words: Chinese name, text before and after (empty where there was nothing)."""

    field: str
    name: str
    before: str
    after: str


class EventView(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened to a card."""

    id: str
    kind: str
    kind_name: str
    at: datetime
    actor_name: str
    unit_name: str
    reason: str
    document_no: str | None
    changes: list[FieldChange]


class LabelView(msgspec.Struct, frozen=True, kw_only=True):
    """A printed label: `token` is what the QR code carries, `serial` counts the card's labels from 1."""

    asset_id: str
    asset_code: str
    token: str
    serial: int
    printed_at: datetime


class ScanView(msgspec.Struct, frozen=True, kw_only=True):
    """What a scan shows. `audience`: public | member | keeper; what that audience may not see is None."""

    audience: str
    name: str
    owner_unit_name: str
    asset_id: str | None = None
    code: str | None = None
    picture_id: str | None = None
    state: str | None = None
    state_name: str | None = None
    condition_name: str | None = None
    place_name: str | None = None
    custodian_name: str | None = None
    next_actions: list["NextAction"] = []


class NextAction(msgspec.Struct, frozen=True, kw_only=True):
    """What the keeper can do next with a scanned thing: `kind` is stable (`issue`, `return`, …), `name` is Chinese."""

    kind: str
    name: str
    subject_id: str
