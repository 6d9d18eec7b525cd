"""Asset cards, their labels and their history as they are stored."""

from tortoise import Model
from tortoise.fields import BooleanField, CharField, IntField, TextField
from tortoise.indexes import Index

from server.assets.states import can_be_listed
from server.kernel.storage.fields import DayField, FenField, InstantField, JsonField, Record, id_field


class AssetCard(Record):
    """One thing, one code (一物一码). Ownership, custody and place are three facts that move separately."""

    code = CharField(max_length=48, unique=True)
    name = CharField(max_length=160)
    item_name = CharField(max_length=64)
    brand = CharField(max_length=64)
    model = CharField(max_length=64)
    specification = CharField(max_length=255)
    category_code = CharField(max_length=12, db_index=True)
    value_fen = FenField()
    acquired_on = DayField()
    # new | good | usable | damaged
    condition = CharField(max_length=16)
    state = CharField(max_length=24)
    owner_unit_id = id_field()
    holder_unit_id = id_field()
    # The holder's place in the unit tree: a subtree scope is a prefix of it.
    holder_unit_path = CharField(max_length=255)
    custodian_id = id_field(null=True)
    # Who has it on loan now; `place_id` stays its home, to which it comes back.
    lent_to_unit_id = id_field(null=True)
    place_id = id_field(db_index=True)
    finance_card_no = CharField(max_length=64, null=True, unique=True)
    # 涉密: never listed. Storage media need a clearing record before listing (rules: Asset life).
    is_classified = BooleanField(default=False)
    is_storage_medium = BooleanField(default=False)
    cleared_at = InstantField(null=True)
    frozen_reason = CharField(max_length=200, null=True)
    picture_id = id_field(null=True)
    version = IntField(default=1)
    created_at = InstantField()

    class Meta:
        table = "asset_card"
        indexes = (
            Index(fields=("holder_unit_path", "id")),
            Index(fields=("holder_unit_id", "state", "id")),
            Index(fields=("owner_unit_id", "id")),
            Index(fields=("custodian_id",)),
        )

    @property
    def can_be_listed(self) -> bool:
        """Whether the rules let this card be offered to others at all."""
        return can_be_listed(
            self.state,
            is_classified=self.is_classified,
            is_frozen=self.frozen_reason is not None,
            is_uncleared=self.is_uncleared,
        )

    @property
    def is_uncleared(self) -> bool:
        """Whether somebody's data may still be on it."""
        return self.is_storage_medium and self.cleared_at is None


class AssetAccessory(Record):
    """A part that belongs to a thing and goes out and comes back with it (配件清单): a remote control, a cable."""

    asset_id = id_field()
    position = IntField()
    name = CharField(max_length=40)
    pieces = IntField()

    class Meta:
        table = "asset_accessory"
        unique_together = (("asset_id", "name"),)


class AssetLabel(Record):
    """A printed label. `token` is what its QR code carries; a reprint voids the old one."""

    asset_id = id_field(db_index=True)
    token = CharField(max_length=32, unique=True)
    serial = IntField()
    printed_at = InstantField()
    printed_by = id_field()
    voided_at = InstantField(null=True)

    class Meta:
        table = "asset_label"


class AssetEvent(Record):
    """One thing that happened to a card: never changed. `before` and `after` hold only what differs."""

    asset_id = id_field()
    kind = CharField(max_length=32)
    at = InstantField()
    actor_id = id_field(null=True)
    actor_name = CharField(max_length=64)
    unit_id = id_field(null=True)
    reason = CharField(max_length=200)
    document_no = CharField(max_length=64, null=True)
    before = JsonField()
    after = JsonField()

    class Meta:
        table = "asset_event"
        indexes = (Index(fields=("asset_id", "id")),)


class LedgerImport(Record):
    """A unit's ledger on its way to cards (assets.importing). `plan`, `matches`, `refusal`, `counts`: see its types."""

    unit_id = id_field()
    file_id = id_field()
    sha256 = CharField(max_length=64)
    file_name = CharField(max_length=128)
    state = CharField(max_length=16)
    created_at = InstantField()
    created_by = id_field()
    created_by_name = CharField(max_length=64)
    # Who asked for what the background is doing now, as they were then.
    asked_by = JsonField()
    plan = JsonField()
    matches = JsonField()
    refusal = JsonField(null=True)
    counts = JsonField()
    row_count = IntField(default=0)
    done_count = IntField(default=0)
    # Cards to be made and to be changed, as chosen; then those that were.
    chosen = IntField(default=0)
    changes = IntField(default=0)
    finished_at = InstantField(null=True)
    finished_by_name = CharField(max_length=64, null=True)
    # Until then one process is at it.
    worked_until = InstantField(default=0)

    class Meta:
        table = "ledger_import"
        indexes = (Index(fields=("unit_id", "id")), Index(fields=("state", "worked_until")))


class LedgerImportRow(Model):
    """One row as it was read, and what became of it. `id`: the import's, a colon, six digits in the file's order."""

    id = CharField(max_length=24, primary_key=True)
    import_id = id_field()
    sheet = IntField()
    number = IntField()
    cells = TextField()
    # Columns, parted by commas, whose text is the rest of a cell that was merged downwards.
    carried = CharField(max_length=400, default="")
    verdict = CharField(max_length=16)
    outcome = TextField()
    asset_id = id_field(null=True)
    is_chosen = BooleanField(default=True)
    fields = CharField(max_length=255)

    class Meta:
        table = "ledger_import_row"
        indexes = (Index(fields=("import_id", "verdict", "id")),)


class LedgerImportCard(Model):
    """A card that an import made (`version` 1, `before` empty) or changed. `id`: the import's, a colon, the card's."""

    id = CharField(max_length=40, primary_key=True)
    row_id = CharField(max_length=24)
    asset_id = id_field()
    code = CharField(max_length=48)
    version = IntField()
    before = TextField()

    class Meta:
        table = "ledger_import_card"


class LedgerMemory(Model):
    """What a unit has said of its ledgers' words. `kind`: heading, category, place, custodian or default."""

    # The unit, the kind, and a hash of the text.
    id = CharField(max_length=64, primary_key=True)
    unit_id = id_field()
    kind = CharField(max_length=12)
    text = CharField(max_length=255)
    value = CharField(max_length=64)

    class Meta:
        table = "ledger_memory"
        indexes = (Index(fields=("unit_id", "kind")),)
