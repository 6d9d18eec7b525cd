"""Who acts: roles as held, own before delegated, and keys that never meet."""

from server.kernel.actor import Actor, ActorKind, Grant, system_actor

WANG = Actor(
    kind=ActorKind.PERSON,
    person_id="0123456789abcdef",
    person_name="王晓梅",
    unit_id="fedcba9876543210",
    grants=(Grant("asset_manager", delegated_by="0000000000000001"), Grant("borrower"), Grant("asset_manager")),
)


def test_role_is_held_when_one_of_those_asked_for_is():
    assert WANG.has_role("borrower")
    assert WANG.has_role("keeper", "borrower")
    assert not WANG.has_role("keeper")
    assert not WANG.has_role()


def test_own_grant_comes_first_when_the_role_is_delegated_too():
    grant = WANG.grant_for("asset_manager")
    assert grant is not None
    assert grant.delegated_by is None
    assert WANG.grant_for("keeper") is None


def test_delegated_grant_is_given_when_there_is_no_own_one():
    grant = Actor(kind=ActorKind.PERSON, grants=WANG.grants[:1]).grant_for("asset_manager", "borrower")
    assert grant is not None
    assert grant.delegated_by == "0000000000000001"


def test_only_the_key_differs_when_an_actor_is_given_one():
    keyed = WANG.with_key("a-key-of-one-write")
    assert (keyed.idempotency_key, WANG.idempotency_key) == ("a-key-of-one-write", None)
    assert keyed.with_key(None) == WANG


def test_scopes_differ_when_person_session_or_unit_do():
    one, two = (Actor(kind=ActorKind.PERSON, session_id=name) for name in ("one", "two"))
    scopes = [WANG, Actor(kind=ActorKind.PERSON, person_id=WANG.person_id), one, two, system_actor("relay")]
    assert len({actor.idempotency_scope for actor in scopes}) == 5
    assert WANG.with_key("12345678").idempotency_scope == WANG.idempotency_scope


def test_system_actor_says_which_job_it_is():
    actor = system_actor("kernel.clear")
    assert (actor.kind, actor.person_name, actor.request_id) == (ActorKind.SYSTEM, "kernel.clear", "kernel.clear")
    assert actor.person_id is None
    assert not actor.has_role("system_admin")
