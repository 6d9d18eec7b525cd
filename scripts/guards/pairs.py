"""Guards that do the same work twice, so that no test can miss one of them alone.

The run takes out a whole group together and requires that some test fails then: a group of nothing is found out.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Group:
    """Guards of which each suffices. `guards`: ids or their beginnings; each must fit at least one guard."""

    why: str
    guards: tuple[str, ...]

    def holds(self, guard: str) -> bool:
        return guard.startswith(self.guards)


APPROVALS = "server/approvals"
IDENTITY = "server/identity"
IMPORTING = "server/assets/importing"
CIRCULATION = "server/circulation"

GROUPS = [
    Group(
        "a borrowing is locked before it is judged, and written only as it was read",
        (
            f"{CIRCULATION}/access.py:get_borrowing_for_desk:lock:",
            f"{CIRCULATION}/commands/ending.py:_locked:lock:",
            f"{CIRCULATION}/handlers.py:take_decision:lock:",
            f"{CIRCULATION}/progress.py:change:row count:",
        ),
    ),
    Group(
        "deciding locks the chain, so chain and task are still pending when they are written",
        (
            f"{APPROVALS}/access.py:get_task_for_decision:lock:",
            f"{APPROVALS}/commands.py:_close_task:row count:",
            f"{APPROVALS}/commands.py:_move_chain:row count:",
        ),
    ),
    Group(
        "cancelling locks the chain, so chain and task are still pending when they are written",
        (f"{APPROVALS}/ops.py:lock_chain:lock:", f"{APPROVALS}/ops.py:cancel_chain:row count:"),
    ),
    Group(
        "closing a listing looks under the lock, and writes only while it is open",
        (
            f"{CIRCULATION}/access.py:get_listing_for_closing:lock:",
            f"{CIRCULATION}/access.py:get_listing_for_closing:state:",
            f"{CIRCULATION}/commands/listing.py:end_listing:row count:",
        ),
    ),
    Group(
        "a borrowing's lines are locked and written only under the borrowing's own lock: handing out",
        (
            f"{CIRCULATION}/commands/issuing.py:_lock_to_issue:lock:",
            f"{CIRCULATION}/commands/issuing.py:_substitute:row count:",
            f"{CIRCULATION}/access.py:lock_line:lock:",
            f"{CIRCULATION}/commands/issuing.py:_hand_out:row count:",
        ),
    ),
    Group(
        "the same: taking back",
        (
            f"{CIRCULATION}/commands/desk.py:_lock_to_return:lock:",
            f"{CIRCULATION}/access.py:lock_line:lock:",
            f"{CIRCULATION}/commands/desk.py:return_by_code:row count:",
        ),
    ),
    Group(
        "the same: inspecting",
        (
            f"{CIRCULATION}/access.py:get_borrowing_for_desk:lock:",
            f"{CIRCULATION}/access.py:lock_line:lock:",
            f"{CIRCULATION}/commands/inspection.py:_note:row count:",
        ),
    ),
    Group(
        "the same: inspecting all that is back",
        (
            f"{CIRCULATION}/access.py:get_borrowing_for_desk:lock:",
            f"{CIRCULATION}/commands/inspection.py:inspect_rest:lock:",
            f"{CIRCULATION}/commands/inspection.py:_note:row count:",
        ),
    ),
    Group(
        "the same: signing",
        (
            f"{CIRCULATION}/access.py:get_borrowing_for_desk:lock:",
            f"{CIRCULATION}/commands/signing.py:sign_handover:lock:",
            f"{CIRCULATION}/commands/signing.py:sign_handover:row count:",
        ),
    ),
    Group(
        "a renewal ends under the lock of its chain and of its borrowing, and only while it waits",
        (
            "server/approvals/ops.py:lock_chain:lock:",
            "server/approvals/access.py:get_task_for_decision:lock:",
            f"{CIRCULATION}/handlers.py:take_renewal_decision:lock:",
            f"{CIRCULATION}/commands/renewal.py:_end_undecided:lock:",
            f"{CIRCULATION}/renewals.py:end_renewal:row count:",
        ),
    ),
    Group(
        "the same: giving up what was not collected",
        (
            f"{CIRCULATION}/commands/ending.py:_locked:lock:",
            f"{CIRCULATION}/commands/ending.py:_release_rest:",
        ),
    ),
    Group(
        "the same: deciding about damage",
        (
            f"{CIRCULATION}/access.py:get_borrowing_for_damage:lock:",
            f"{CIRCULATION}/access.py:lock_line:lock:",
            f"{CIRCULATION}/commands/inspection.py:resolve_damage:row count:",
        ),
    ),
    Group(
        "a loss is reported under the locks of its loan, and written only while the thing is out",
        (
            f"{CIRCULATION}/losses/reporting.py:_loan_for_report:lock:",
            f"{CIRCULATION}/access.py:lock_line:lock:",
            f"{CIRCULATION}/losses/reporting.py:report_loss:row count:",
        ),
    ),
    Group(
        "a case is locked before it is judged, and written only as it was read",
        (
            f"{CIRCULATION}/losses/access.py:get_case_for_holder:lock:",
            f"{CIRCULATION}/losses/access.py:get_case_for_desk:lock:",
            f"{CIRCULATION}/losses/handlers.py:take_decision:lock:",
            f"{CIRCULATION}/losses/progress.py:change:row count:",
        ),
    ),
    Group(
        "what a case says of its loan is written under the loan's locks, and once",
        (
            f"{CIRCULATION}/losses/progress.py:lock_loan:lock:",
            f"{CIRCULATION}/access.py:lock_line:lock:",
            f"{CIRCULATION}/losses/reporting.py:report_found:row count:",
            f"{CIRCULATION}/losses/compensation.py:decide_loss:row count:",
        ),
    ),
    Group(
        "a version of a policy is locked before it is called off, and called off only while it stands",
        (
            "server/policies/access.py:get_version_for_change:lock:",
            "server/policies/commands.py:cancel_policy:row count:",
        ),
    ),
    Group(
        "a need is locked before it is judged, and written only as it was read",
        (
            "server/procurement/access.py:get_need_for_work:lock:",
            "server/procurement/handlers.py:take_decision:lock:",
            "server/procurement/handlers.py:move_needs:lock:",
            "server/procurement/progress.py:change:row count:",
        ),
    ),
    Group(
        "a proof of one search is looked for, and its search is unique",
        (
            "server/procurement/commands/proofs.py:_latest_search:state:await uow.find(IdleProof",
            "server/procurement/commands/proofs.py:_number_and_store:state:",
        ),
    ),
    Group(
        "a post is locked before it is judged, and written only while it is open",
        (
            f"{CIRCULATION}/wanted/access.py:get_wanted_for_closing:lock:",
            f"{CIRCULATION}/wanted/commands.py:expire_wanted:lock:",
            f"{CIRCULATION}/wanted/access.py:get_wanted_for_closing:check:_require_open",
            f"{CIRCULATION}/wanted/commands.py:expire_wanted:state:wanted.state != 'open'",
            f"{CIRCULATION}/wanted/commands.py:_end:row count:",
            f"{CIRCULATION}/wanted/handlers.py:move_posts:lock:",
            f"{CIRCULATION}/wanted/handlers.py:move_posts:row count:",
        ),
    ),
    Group(
        "a unit is locked before it is judged, and closed only as it was read",
        (f"{IDENTITY}/access.py:get_unit_for:lock:", f"{IDENTITY}/commands/correct_unit.py:close_unit:row count:"),
    ),
    Group(
        "a change's units are locked before it is judged, and it is decided only while it waits",
        (
            f"{IDENTITY}/unit_access.py:get_units_for:lock:",
            f"{IDENTITY}/unit_access.py:get_proposal_for:state:",
            f"{IDENTITY}/reorganisation.py:_change:row count:",
            f"{IDENTITY}/commands/reorganise_unit.py:_decide:row count:",
        ),
    ),
    Group(
        "a request for a role is looked at under the person's lock, and answered only while it waits",
        (
            f"{IDENTITY}/access.py:get_post_for_granting:lock:",
            f"{IDENTITY}/commands/role_requests.py:_post_for_asking:lock:",
            f"{IDENTITY}/commands/role_requests.py:refuse_request:check:_require_pending",
            f"{IDENTITY}/commands/role_requests.py:withdraw_request:check:_require_pending",
            f"{IDENTITY}/commands/role_requests.py:_require_pending:state:",
            f"{IDENTITY}/commands/role_requests.py:_answer:row count:",
        ),
    ),
    Group(
        "an import is locked before it is judged, and goes on only as it was read",
        (f"{IMPORTING}/access.py:get_import_for:lock:", f"{IMPORTING}/commands.py:go_on:row count:"),
    ),
    Group(
        "an import is locked before its cards are written, and is done only while they are",
        (
            f"{IMPORTING}/write.py:_write:lock:",
            f"{IMPORTING}/write.py:_write:state:",
            f"{IMPORTING}/progress.py:end_stage:row count:",
        ),
    ),
    Group(
        "what an import changed is given back under the card's lock, and only as it was read",
        (f"{IMPORTING}/undo.py:_give_back:lock:", "server/assets/events.py:change_card:row count:"),
    ),
    Group(
        "an import is locked before its cards are taken back, and is undone only while they are",
        (
            f"{IMPORTING}/undo.py:_undo:lock:",
            f"{IMPORTING}/undo.py:_undo:state:",
            f"{IMPORTING}/undo.py:_take_away:row count:removed",
            f"{IMPORTING}/progress.py:end_stage:row count:",
        ),
    ),
    Group(
        "what nobody's unit did is read from the root alone; a small part of the tree is read unit by unit besides",
        (
            "server/kernel/audit/queries.py:_few_units:scope:",
            "server/kernel/audit/queries.py:_scope:scope:",
        ),
    ),
]
