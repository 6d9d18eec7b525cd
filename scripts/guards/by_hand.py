"""Guards without a shape of their own: which expression of which function, and what stands there without it.

The run refuses an entry that names nothing, or more than one place: the list cannot rot.
"""

import ast
import functools
from dataclasses import dataclass

AUDIT = "server/kernel/audit"
VERIFY = f"{AUDIT}/verify.py"
IDENTITY = "server/identity"
WECHAT_SENDING = "server/notices/wechat/sending.py"
IS_SQLITE_LOCK = "'' if uow.transaction.dialect == 'sqlite' else ' FOR UPDATE'"


@dataclass(frozen=True)
class ByHand:
    """One guard. `expression` and `instead` are Python expressions; how they are laid out does not matter."""

    kind: str
    path: str
    function: str
    expression: str
    instead: str

    @functools.cached_property
    def tree(self) -> ast.expr:
        return ast.parse(self.expression, mode="eval").body

    @functools.cached_property
    def replacement(self) -> ast.expr:
        return ast.parse(self.instead, mode="eval").body


HANDED_OVER = "{'applicant_id': from_id, 'state__in': OPEN_STATES}"
HASHED = "(row[name] for name in SEALED_FIELDS)"

BY_HAND = [
    # The audit chain: what a row's hash is made of, and what a walk compares.
    ByHand("chain link", f"{AUDIT}/chain.py", "row_hash", "previous_hash", "''"),
    ByHand("chain link", f"{AUDIT}/chain.py", "row_hash", "key", "b'anybody knows this'"),
    ByHand("chain link", f"{AUDIT}/chain.py", "row_hash", HASHED, "(row[name] for name in SEALED_FIELDS[:-2])"),
    ByHand(
        "chain link",
        f"{AUDIT}/sealer.py",
        "seal_audit",
        "row_hash(bytes.fromhex(key), previous, row)",
        "row_hash(bytes.fromhex(key), '0' * 64, row)",
    ),
    ByHand("chain link", VERIFY, "_walk", "len(hashes) < row['sequence']", "False"),
    ByHand("chain link", VERIFY, "_walk", "hashes[-1] and row['previous_hash'] != hashes[-1]", "False"),
    ByHand("chain link", VERIFY, "_walk", "row_hash(key, row['previous_hash'], row) != row['hash']", "False"),
    ByHand("chain link", VERIFY, "_check_heads", "before[0] > walked", "False"),
    ByHand("chain link", VERIFY, "_check_heads", "after[0] < walked", "False"),
    ByHand("chain link", VERIFY, "_check_heads", "before[1] == hashes[before[0]]", "True"),
    ByHand("chain link", VERIFY, "verify_audit", "await _check_unsealed(reader)", "[]"),
    ByHand(
        "chain link",
        VERIFY,
        "verify_audit",
        "anchor.count >= len(hashes)",
        "anchor.count >= len(hashes) and hashes.extend([''] * 9)",
    ),
    ByHand("chain link", VERIFY, "verify_audit", "hashes[anchor.count] != anchor.hash", "False"),
    ByHand("lock", f"{AUDIT}/sealer.py", "_locked_head", IS_SQLITE_LOCK, "''"),
    ByHand("chain link", "server/kernel/command.py", "_once", "is_audited and (not uow.audited)", "False"),
    # Idempotency: the claim, whose it is, and refusals that are remembered.
    ByHand("idempotency", "server/kernel/command.py", "_once", "await claim_key(uow, claim)", "None"),
    ByHand(
        "idempotency", "server/kernel/command.py", "_once", "await store_refusal(uow, claim, refusal.error)", "None"
    ),
    ByHand(
        "idempotency",
        "server/kernel/idempotency.py",
        "Claim.of",
        "f'{actor.idempotency_scope}|{actor.idempotency_key}'",
        "actor.idempotency_key",
    ),
    ByHand("idempotency", "server/kernel/idempotency.py", "Claim.of", "[name, args, kwargs]", "[name]"),
    # A command goes on when its caller hangs up, and again when the storage asks for it.
    ByHand("at once", "server/kernel/command.py", "command.decorate.run", "asyncio.shield(task)", "task"),
    ByHand("at once", "server/kernel/command.py", "_until_through", "not is_try_again(error)", "True"),
    ByHand(
        "lock",
        "server/kernel/storage/statements.py",
        "locking_select",
        "'' if dialect == 'sqlite' else ' FOR UPDATE'",
        "''",
    ),
    # The relay and the schedule: one takes it, and its effect comes once.
    ByHand(
        "row count",
        "server/jobs/relay.py",
        "_take_event",
        "await uow.execute('UPDATE outbox_event SET due_at = ?, attempts = attempts + 1 WHERE id = ? AND due_at = ?"
        " AND delivered_at IS NULL', later, event_id, due_at) == 1",
        "await uow.execute('UPDATE outbox_event SET due_at = ?, attempts = attempts + 1 WHERE id = ?', later, event_id)"
        " == 1",
    ),
    ByHand(
        "idempotency",
        "server/jobs/relay.py",
        "_run_handler",
        "await uow.execute('INSERT INTO outbox_delivery (id, delivered_at) VALUES (?, ?)', delivery_id, instant)",
        "0",
    ),
    ByHand(
        "row count",
        "server/jobs/scheduler.py",
        "_take",
        "'UPDATE scheduled_job SET leased_until = ? WHERE name = ? AND due_at <= ?"
        " AND (leased_until IS NULL OR leased_until <= ?)'",
        "'UPDATE scheduled_job SET leased_until = ? WHERE name = ? AND ? = ?'",
    ),
    # Nobody decides over their own application, nor over two steps of one.
    ByHand(
        "two persons",
        "server/approvals/access.py",
        "get_task_for_decision",
        "[grant for grant in grants if grant.delegated_by != chain.applicant_id]",
        "grants",
    ),
    ByHand(
        "two persons",
        "server/approvals/access.py",
        "_unused_grant",
        "not heard & {person_id, grant.delegated_by}",
        "True",
    ),
    ByHand(
        "two persons",
        "server/approvals/access.py",
        "heard_in",
        "(task.decided_by, task.on_behalf_of)",
        "(task.decided_by,)",
    ),
    ByHand("two persons", "server/approvals/ops.py", "hand_over_application", "chain.state in OPEN_STATES", "True"),
    ByHand(
        "two persons", "server/approvals/ops.py", "hand_over_application", HANDED_OVER, "{'state__in': OPEN_STATES}"
    ),
    # Sessions, second factor and invitations: once, in time, and under a new name.
    ByHand("session", f"{IDENTITY}/session_facts.py", "_is_live", "row['ended_at'] is None", "True"),
    ByHand("session", f"{IDENTITY}/session_facts.py", "_is_live", "bool(row['is_active'])", "True"),
    ByHand("session", f"{IDENTITY}/session_facts.py", "_is_live", "row['expires_at'] > instant", "True"),
    ByHand("session", f"{IDENTITY}/session_facts.py", "_is_live", "not is_rested_out", "True"),
    ByHand("session", f"{IDENTITY}/session_facts.py", "session_for_token", "facts.expires_at <= present()", "False"),
    ByHand(
        "session",
        f"{IDENTITY}/session_facts.py",
        "_granted",
        "tuple((grant for grant in held if grant.role not in PRIVILEGED))",
        "tuple(held)",
    ),
    ByHand("session", f"{IDENTITY}/session_facts.py", "_granted", "is_all_or_nothing", "False"),
    ByHand(
        "session",
        f"{IDENTITY}/session_facts.py",
        "_facts",
        "() if must_change else _granted(held, is_confirmed, has_totp and is_by_password)",
        "_granted(held, is_confirmed, has_totp and is_by_password)",
    ),
    ByHand("session", f"{IDENTITY}/session_facts.py", "_SessionCache.put", "generation != self.generation", "False"),
    ByHand(
        "session", f"{IDENTITY}/session_facts.py", "_SessionCache.get", "not self.runtime.pubsub.is_connected", "False"
    ),
    ByHand("session", "server/web/sessions.py", "recognise", "facts.channel not in channels", "False"),
    ByHand(
        "session", f"{IDENTITY}/sessions.py", "replace_session", "await end_session(uow, old.id, old.person_id)", "0"
    ),
    ByHand(
        "session",
        f"{IDENTITY}/commands/disable_person.py",
        "disable_person",
        "await end_all_sessions(uow, person.id)",
        "0",
    ),
    ByHand(
        "session",
        f"{IDENTITY}/commands/disable_person.py",
        "disable_person",
        "await _end_delegations(uow, person.id)",
        "None",
    ),
    ByHand(
        "row count",
        f"{IDENTITY}/commands/second_factor.py",
        "_take_code",
        "{'id': person.id, 'totp_step__lt': step}",
        "{'id': person.id}",
    ),
    ByHand(
        "row count",
        f"{IDENTITY}/commands/bind_wechat.py",
        "_by_invitation",
        "{'id': invitation.id, 'used_at': None, 'expires_at__gt': await uow.now()}",
        "{'id': invitation.id, 'expires_at__gt': await uow.now()}",
    ),
    ByHand(
        "row count",
        f"{IDENTITY}/commands/bind_wechat.py",
        "_by_invitation",
        "{'id': invitation.id, 'used_at': None, 'expires_at__gt': await uow.now()}",
        "{'id': invitation.id, 'used_at': None}",
    ),
    ByHand(
        "lock",
        f"{IDENTITY}/attempts.py",
        "_touch",
        "await uow.execute('UPDATE login_failure SET failures = failures WHERE id = ?', target.id)",
        "await uow.fetch_one('SELECT id FROM login_failure WHERE id = ?', target.id)",
    ),
    # A message to WeChat: one sender, one consent, and nobody who comes late.
    ByHand("row count", WECHAT_SENDING, "take_message", "not taken", "False"),
    ByHand("row count", WECHAT_SENDING, "_spend", "spent == 1", "True"),
    ByHand("row count", WECHAT_SENDING, "_end", "attempts is not None", "False"),
    ByHand("row count", WECHAT_SENDING, "settle_message", "row is None or not is_ours", "False"),
    ByHand("row count", WECHAT_SENDING, "put_off", "row is not None and is_ours", "row is not None"),
]
