# ruff: noqa: S608 - conditions are written in the code; what comes from outside is bound
"""Who takes part in the talk about an application: its applicant, and those who were or are asked to decide it."""

from server.approvals.models import ApprovalChain
from server.identity.scope import Clause, prefix_clause
from server.identity.types import RowSource
from server.kernel.actor import Actor, Grant
from server.kernel.errors import NotFound
from server.kernel.storage.database import Row
from server.kernel.unit_of_work import UnitOfWork


def talk_clause(actor: Actor) -> Clause:
    """A condition on chains `c`: the actor applied, decided a step, or holds a role that a step asked."""
    if actor.person_id is None:
        return "1 = 0", ()
    asked: list[Clause] = [("t.decided_by = ?", (actor.person_id,))]
    if actor.unit_path:
        asked += [_grant_clause(actor.unit_path, grant) for grant in dict.fromkeys(actor.grants)]
    who = " OR ".join(clause for clause, _ in asked)
    sql = f"(c.applicant_id = ? OR EXISTS (SELECT 1 FROM approval_task t WHERE t.chain_id = c.id AND ({who})))"
    return sql, (actor.person_id, *(value for _, values in asked for value in values))


def _grant_clause(unit_path: str, grant: Grant) -> Clause:
    reach, values = prefix_clause("t.unit_path", unit_path) if grant.is_subtree else ("t.unit_path = ?", (unit_path,))
    return f"(t.role = ? AND {reach})", (grant.role, *values)


async def chain_for_talk(rows: RowSource, actor: Actor, subject_kind: str, subject_id: str) -> Row:
    """The chain of an application that the actor takes part in; NotFound `comment.subject_not_found`."""
    clause, values = talk_clause(actor)
    row = await rows.fetch_one(
        "SELECT c.id, c.state, c.subject_kind, c.subject_id, c.subject_title, c.applicant_unit_id FROM approval_chain c"
        f" WHERE c.subject_kind = ? AND c.subject_id = ? AND {clause}",
        subject_kind,
        subject_id,
        *values,
    )
    if row is None:
        raise NotFound("comment.subject_not_found")
    return row


async def get_chain_for_comment(uow: UnitOfWork, actor: Actor, subject_kind: str, subject_id: str) -> ApprovalChain:
    """The same chain, locked, so that nothing is said about what is decided at the same moment."""
    row = await chain_for_talk(uow, actor, subject_kind, subject_id)
    chain = await uow.lock(ApprovalChain, row["id"])
    assert chain is not None
    return chain


async def comment_row(rows: RowSource, actor: Actor, comment_id: str) -> Row:
    """A comment on an application that the actor takes part in; NotFound `comment.not_found`."""
    clause, values = talk_clause(actor)
    row = await rows.fetch_one(
        "SELECT m.*, c.subject_kind, c.subject_id FROM approval_comment m JOIN approval_chain c ON c.id = m.chain_id"
        f" WHERE m.id = ? AND {clause}",
        comment_id,
        *values,
    )
    if row is None:
        raise NotFound("comment.not_found")
    return row
