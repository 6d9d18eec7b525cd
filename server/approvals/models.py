"""Approval chains and their tasks as they are stored."""

from tortoise.fields import CharField, IntField
from tortoise.indexes import Index

from server.kernel.storage.fields import InstantField, JsonField, Record, id_field


class ApprovalChain(Record):
    """One application's way through its approvals. `steps`: the plan as computed from the policy version at submission.

    `state`: pending | returned | approved | rejected | cancelled. `round`: which way through the plan this is, 1 first:
    an application that was sent back and corrected begins again. Names are kept as they were when it was submitted.
    """

    subject_kind = CharField(max_length=32)
    subject_id = id_field()
    subject_title = CharField(max_length=200)
    applicant_id = id_field()
    applicant_name = CharField(max_length=64)
    applicant_unit_id = id_field()
    applicant_unit_name = CharField(max_length=128)
    policy_version_id = id_field()
    steps = JsonField()
    current_step = IntField(default=0)
    round = IntField(default=1)
    state = CharField(max_length=16)
    created_at = InstantField()
    decided_at = InstantField(null=True)

    class Meta:
        table = "approval_chain"
        unique_together = (("subject_kind", "subject_id"),)
        indexes = (Index(fields=("applicant_id", "state")),)


class ApprovalTask(Record):
    """One step waiting for, or decided by, somebody. `state`: pending | approved | rejected | cancelled | returned.

    `step`: its place in the plan, and `ROUND_STRIDE` more for each round before it.
    """

    chain_id = id_field(db_index=True)
    step = IntField()
    name = CharField(max_length=64)
    role = CharField(max_length=32)
    # The unit in which the role must be held (or above it, with a subtree grant).
    unit_id = id_field()
    unit_name = CharField(max_length=128)
    unit_path = CharField(max_length=255)
    state = CharField(max_length=16)
    opinion = CharField(max_length=500, null=True)
    decided_by = id_field(null=True)
    decided_by_name = CharField(max_length=64, null=True)
    # Named when a delegate decided.
    on_behalf_of = id_field(null=True)
    on_behalf_of_name = CharField(max_length=64, null=True)
    created_at = InstantField()
    decided_at = InstantField(null=True)

    class Meta:
        table = "approval_task"
        indexes = (
            Index(fields=("state", "role", "unit_path", "id")),
            Index(fields=("decided_by", "id")),
        )
        unique_together = (("chain_id", "step"),)


class ApprovalRound(Record):
    """A round that ended by being sent back: its plan, and what the applicant changed before sending it again. Never
    changed."""

    chain_id = id_field()
    round = IntField()
    steps = JsonField()
    changes = JsonField()
    corrected_by = id_field(null=True)
    corrected_by_name = CharField(max_length=64)
    corrected_at = InstantField()

    class Meta:
        table = "approval_round"
        unique_together = (("chain_id", "round"),)
