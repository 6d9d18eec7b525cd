"""Policy versions: which applies where and when, who may change them, and what a change must hold."""

import asyncio
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from server.identity.limits import limits_for
from server.identity.roles import Role
from server.kernel.actor import Actor
from server.kernel.errors import DomainError, Forbidden, InvalidInput, NotFound, StateConflict
from server.kernel.instants import SHANGHAI, shanghai_day, start_of_day
from server.kernel.messages import has_message, sentence_for
from server.kernel.reading import present, reading
from server.policies.commands import cancel_policy, change_policy, seed_default_policies
from server.policies.handlers import security_limits
from server.policies.queries import (
    borrowing_policy,
    list_policies,
    may_change_policy,
    policy_by_id,
    policy_for,
    policy_history,
    policy_version,
)
from server.policies.types import BorrowingPolicy, CancelPolicy, ChangePolicy, CodingPolicy, PolicyFacts, SecurityPolicy
from tests.factories.identity import SYSTEM, City, make_actor, make_city
from tests.factories.policies import make_policies
from tests.support.meanwhile import while_finishing

LINPING = "330000/330100/330113/"
CITY = "330000/330100/"


@pytest.fixture
async def city(runtime) -> City:
    await make_policies()
    return await make_city()


def change(region_code: str, *, reason: str = "按市财政局最新通知调整", **values: Any) -> ChangePolicy:
    """A change of some fields of the built-in borrowing policy."""
    known = {name: values.pop(name) for name in ("effective_from", "base_version", "document_no") if name in values}
    content = msgspec.to_builtins(BorrowingPolicy()) | values
    known = {"document_no": "余财资〔2026〕18号"} | known
    return ChangePolicy(region_code=region_code, kind="borrowing", content=content, reason=reason, **known)


async def applies(region_path: str, kind: str = "borrowing", **later: int) -> PolicyFacts:
    async with reading() as db:
        return await policy_for(db, kind, region_path, present() + timedelta(**later))


async def administrator(city: City) -> Actor:
    return await make_actor("陆明", city.city, Role.SYSTEM_ADMIN, is_subtree=True)


async def test_the_defaults_are_those_of_the_rules_when_no_region_has_its_own(city):
    facts = await applies(LINPING)
    policy = borrowing_policy(facts)
    assert (facts.region_code, facts.version) == ("", 1)
    assert (policy.longest_days, policy.most_renewals, policy.collect_working_days) == (180, 2, 3)
    assert policy.reminder_days == (-3, 0, 1, 7) and policy.booking_ahead_days == 365
    assert [(step.role, step.where) for step in policy.steps] == [
        ("asset_manager", "applicant_unit"),
        ("asset_manager", "holder_unit"),
        ("competent_reviewer", "parent_of_applicant"),
        ("finance_reviewer", "finance_of_region"),
    ]
    competent, finance = policy.steps[2].when, policy.steps[3].when
    assert (competent.always, competent.value_at_least_fen, competent.crosses_district) == (False, 2_000_000, True)
    assert (finance.always, finance.value_at_least_fen, finance.crosses_district) == (False, 10_000_000, False)


async def test_seeding_again_adds_nothing(city):
    assert await seed_default_policies(SYSTEM) == 0


async def test_the_nearest_region_wins_when_several_have_a_version(city):
    actor = await administrator(city)
    await change_policy(actor, change("330100", longest_days=90))
    await change_policy(actor, change("330113", longest_days=60))
    assert borrowing_policy(await applies(LINPING)).longest_days == 60
    assert borrowing_policy(await applies("330000/330100/330106/")).longest_days == 90
    assert borrowing_policy(await applies("330000/")).longest_days == 180


async def test_a_version_waits_for_its_instant_and_stays_readable_by_id(city):
    actor = await administrator(city)
    first = await change_policy(actor, change("330100", longest_days=90))
    await change_policy(actor, change("330100", longest_days=30, effective_from=present() + timedelta(days=10)))
    assert borrowing_policy(await applies(CITY)).longest_days == 90
    assert borrowing_policy(await applies(CITY, days=11)).longest_days == 30
    async with reading() as db:
        assert (await policy_by_id(db, first.id)).version == 1
    history = await policy_history(actor, "330100", "borrowing")
    assert [(view.version, view.is_current) for view in history] == [(2, False), (1, True)]
    assert history[0].created_by_name == "陆明" and history[0].region_name == "杭州市"


async def test_versions_take_effect_in_order(city):
    actor = await administrator(city)
    await change_policy(actor, change("330100", effective_from=present() + timedelta(days=10)))
    with pytest.raises(InvalidInput) as early:
        await change_policy(actor, change("330100", effective_from=present() + timedelta(days=5)))
    with pytest.raises(InvalidInput) as past:
        await change_policy(actor, change("330106", effective_from=present() - timedelta(days=5)))
    assert early.value.fields[0].code == "policy.effective_before_previous"
    assert past.value.fields[0].code == "policy.effective_in_past"


@pytest.mark.parametrize(
    ("values", "field", "code"),
    [
        ({"longest_days": 0}, "content.longest_days", "input.too_small"),
        ({"longest_days": 99_999}, "content.longest_days", "input.too_large"),
        ({"longest_days": "180"}, "content.longest_days", "input.wrong_type"),
        ({"most_renewals": None}, "content.most_renewals", "input.wrong_type"),
        ({"reminder_days": []}, "content.reminder_days", "policy.too_few"),
        ({"reminder_days": [0, -3]}, "content.reminder_days", "policy.reminders_not_ordered"),
        ({"deposit": 1}, "content.deposit", "input.unknown_field"),
        ({"steps": []}, "content.steps", "policy.too_few"),
        ({"steps": [{}]}, "content.steps.0.name", "input.required"),
        (
            {"steps": [{"name": "审核", "role": "boss", "where": "holder_unit", "when": {"always": True}}]},
            "content.steps.0.role",
            "input.not_a_choice",
        ),
        (
            {"steps": [{"name": "审核", "role": "audit_admin", "where": "holder_unit", "when": {"always": True}}]},
            "content.steps.0.role",
            "policy.step_role",
        ),
        (
            {"steps": [{"name": "审核", "role": "operations", "where": "holder_unit", "when": {"never": True}}]},
            "content.steps.0.when.never",
            "input.unknown_field",
        ),
        (
            {"steps": [{"name": "审核", "role": "operations", "where": "holder_unit", "when": {}}]},
            "content.steps",
            "policy.no_unconditional_step",
        ),
        ({"reason": "改"}, "reason", "input.too_short"),
        ({"document_no": ""}, "document_no", "input.required"),
        ({"reason": "按通知\x00调整"}, "reason", "input.control_character"),
    ],
)
async def test_a_change_is_refused_by_field_when_it_is_wrong(city, values, field, code):
    with pytest.raises(InvalidInput) as refused:
        await change_policy(await administrator(city), change("330100", **values))
    assert (field, code) in {(fault.field, fault.code) for fault in refused.value.fields}
    assert all("{" not in sentence_for(fault) for fault in refused.value.fields)
    assert (await applies(CITY)).region_code == ""


async def test_a_missing_field_is_named_because_a_version_is_whole(city):
    request = ChangePolicy(
        region_code="330100",
        kind="coding",
        content={"serial_digits": 5},
        reason="统一编号",
        document_no="杭机管〔2026〕7号",
    )
    with pytest.raises(InvalidInput) as refused:
        await change_policy(await administrator(city), request)
    assert [(fault.field, fault.code) for fault in refused.value.fields] == [("content.pattern", "input.required")]


@pytest.mark.parametrize(
    "pattern", ["{category}{unit}{serial}", "{serial}-{unit}", "{unit.__class__}-{serial}", "{x}-{serial}"]
)
async def test_a_code_pattern_is_refused_when_its_codes_could_run_together(city, pattern):
    content = {"pattern": pattern, "serial_digits": 4}
    request = ChangePolicy(
        region_code="330100", kind="coding", content=content, reason="统一编号", document_no="杭机管〔2026〕7号"
    )
    with pytest.raises(InvalidInput) as refused:
        await change_policy(await administrator(city), request)
    assert refused.value.fields[0].code == "policy.pattern"


async def test_only_the_administrator_of_the_region_may_change(city):
    operations = await make_actor("金灿", city.operator, Role.OPERATIONS, is_subtree=True)
    security = await make_actor("凌霄", city.city, Role.SECURITY_ADMIN, is_subtree=True)
    own_unit_only = await make_actor("孔祥", city.linping, Role.SYSTEM_ADMIN)
    school = await make_actor("方校长", city.school, Role.SYSTEM_ADMIN, is_subtree=True)
    district = await make_actor("严正", city.linping, Role.SYSTEM_ADMIN, is_subtree=True)
    for actor, region, code in [
        (operations, "330100", "role.required"),
        (security, "330100", "role.required"),
        (own_unit_only, "330113", "role.required"),
        (school, "330100", "role.required"),
        (district, "330106", "region.not_found"),
        (district, "330100", "region.not_found"),
        (district, "999999", "region.not_found"),
        (district, "", "policy.default_not_changeable"),
    ]:
        with pytest.raises(DomainError) as refused:
            await change_policy(actor, change(region))
        assert refused.value.code == code
    placeless = msgspec.structs.replace(district, region_path="")
    with pytest.raises(NotFound, match=r"region\.not_found"):
        await change_policy(placeless, change("330113"))
    offered = [await may_change_policy(actor, "borrowing") for actor in (district, own_unit_only, school, security)]
    assert offered == [True, False, False, False]
    view = await change_policy(district, change("330113", longest_days=45))
    assert (view.version, view.is_current, view.content["longest_days"]) == (1, True, 45)


async def test_the_second_author_is_told_when_somebody_changed_it_in_between(city):
    actor = await administrator(city)
    await change_policy(actor, change("330100", base_version=0))
    with pytest.raises(StateConflict) as refused:
        await change_policy(actor, change("330100", base_version=0))
    assert refused.value.code == "record.changed"


async def test_authors_at_once_get_versions_of_their_own_or_are_told(city):
    actor = await administrator(city)
    changes = [change_policy(actor, change("330100", longest_days=10 + number)) for number in range(8)]
    answers = await asyncio.gather(*changes, return_exceptions=True)
    made = sorted(answer.version for answer in answers if not isinstance(answer, BaseException))
    others = {getattr(answer, "code", answer) for answer in answers if isinstance(answer, BaseException)}
    assert made == list(range(1, len(made) + 1))
    assert made and others <= {"record.changed", "storage.busy"}


async def test_the_second_author_is_told_when_two_write_at_once(city, settings):
    actor = await administrator(city)
    answers = await while_finishing(
        settings,
        lambda: change_policy(actor, change("330100", base_version=0, longest_days=45)),
        lambda: change_policy(actor, change("330100", base_version=0, longest_days=60)),
    )
    assert answers == ("done", "record.changed")
    assert [view.version for view in await policy_history(actor, "330100", "borrowing")] == [1]


async def test_version_is_called_off_once_when_two_do_it_at_once(city, settings):
    actor = await administrator(city)
    coming = await change_policy(actor, change("330100", effective_from=present() + timedelta(days=9)))
    request = CancelPolicy(version_id=coming.id, reason="上级暂缓执行")
    answers = await while_finishing(
        settings, lambda: cancel_policy(actor, request), lambda: cancel_policy(actor, request)
    )
    assert answers == ("done", "policy.not_cancellable")


async def test_no_history_when_there_is_no_such_kind(city):
    with pytest.raises(NotFound, match=r"policy\.not_found"):
        await policy_history(await administrator(city), "330100", "holidays")


async def test_security_figures_reach_identity_and_are_read_by_administrators_only(city):
    security = await make_actor("凌霄", city.city, Role.SECURITY_ADMIN, is_subtree=True)
    borrower = await make_actor("王芳", city.health, Role.BORROWER)
    content = msgspec.to_builtins(SecurityPolicy()) | {"web_session_hours": 4}
    request = ChangePolicy(
        region_code="330100", kind="security", content=content, reason="等保要求", document_no="杭网办〔2026〕3号"
    )
    await change_policy(security, request)
    async with reading() as db:
        assert (await security_limits(db, LINPING)).web_session_hours == 4
        assert (await limits_for(db, "330000/")).web_session_hours == 12
    with pytest.raises(Forbidden):
        await policy_history(borrower, "330100", "security")
    assert [view.kind for view in await list_policies(borrower)] == ["borrowing", "coding", "procurement"]
    kinds = {"borrowing", "coding", "procurement", "security"}
    assert {view.kind for view in await list_policies(security)} == kinds


async def test_nothing_applies_before_the_defaults_were_seeded(runtime):
    with pytest.raises(NotFound) as refused:
        await applies(CITY, "coding")
    assert refused.value.code == "policy.not_found" and has_message("policy.not_found")
    await make_policies()
    assert isinstance((await applies(CITY, "coding")).content, CodingPolicy)


async def test_a_version_applies_from_midnight_in_shanghai(city):
    day = shanghai_day(present()) + timedelta(days=3)
    midnight = start_of_day(day)
    await change_policy(await administrator(city), change("330100", longest_days=30, effective_from=midnight))
    async with reading() as db:
        before = await policy_for(db, "borrowing", CITY, midnight - timedelta(microseconds=1))
        after = await policy_for(db, "borrowing", CITY, midnight)
    assert (borrowing_policy(before).longest_days, borrowing_policy(after).longest_days) == (180, 30)
    assert midnight.astimezone(SHANGHAI).isoformat().endswith("T00:00:00+08:00")


async def test_a_coming_version_is_called_off_once_and_applies_never(city):
    actor = await administrator(city)
    coming = await change_policy(
        actor, change("330100", longest_days=30, effective_from=present() + timedelta(days=10))
    )
    assert coming.state == "coming"
    request = CancelPolicy(version_id=coming.id, reason="上级暂缓执行")
    answers = await asyncio.gather(*(cancel_policy(actor, request) for _ in range(4)), return_exceptions=True)
    assert sorted(getattr(answer, "code", "done") for answer in answers) == ["done"] + ["policy.not_cancellable"] * 3
    assert borrowing_policy(await applies(CITY, days=11)).longest_days == 180
    [view] = await policy_history(actor, "330100", "borrowing")
    assert (view.state, view.cancelled_by_name, view.cancel_reason) == ("cancelled", "陆明", "上级暂缓执行")
    # Its number is not given again, and its day binds nobody.
    sooner = await change_policy(actor, change("330100", longest_days=60, effective_from=present() + timedelta(days=5)))
    assert sooner.version == 2
    assert borrowing_policy(await applies(CITY, days=6)).longest_days == 60


async def test_a_version_in_effect_or_of_another_region_is_not_called_off(city):
    actor = await administrator(city)
    applying = await change_policy(actor, change("330100", longest_days=30))
    far = await change_policy(actor, change("330106", effective_from=present() + timedelta(days=10)))
    [default] = await policy_history(actor, "", "borrowing")
    district = await make_actor("严正", city.linping, Role.SYSTEM_ADMIN, is_subtree=True)
    security = await make_actor("凌霄", city.city, Role.SECURITY_ADMIN, is_subtree=True)
    for who, version_id, code in [
        (actor, applying.id, "policy.not_cancellable"),
        (actor, default.id, "policy.default_not_changeable"),
        (actor, "0123456789abcdef", "policy.not_found"),
        (district, far.id, "policy.not_found"),
        (security, far.id, "role.required"),
    ]:
        with pytest.raises(DomainError) as refused:
            await cancel_policy(who, CancelPolicy(version_id=version_id, reason="上级暂缓执行"))
        assert refused.value.code == code
    with pytest.raises(InvalidInput):
        await cancel_policy(actor, CancelPolicy(version_id=far.id, reason="缓"))


async def test_a_version_is_told_with_the_one_it_changed(city):
    actor = await administrator(city)
    first = await change_policy(actor, change("330100", longest_days=90))
    later = present() + timedelta(days=2)
    off = await change_policy(actor, change("330100", longest_days=80, effective_from=later))
    await cancel_policy(actor, CancelPolicy(version_id=off.id, reason="上级暂缓执行"))
    last = await change_policy(actor, change("330100", longest_days=70))
    for version, earlier in ((first, ("", 1)), (last, ("330100", 1)), (off, ("330100", 1))):
        view, before = await policy_version(actor, version.id)
        assert view.id == version.id and before is not None
        assert (before.region_code, before.version) == earlier
    [default] = await policy_history(actor, "", "borrowing")
    assert (await policy_version(actor, default.id))[1] is None
    with pytest.raises(NotFound):
        await policy_version(actor, "0123456789abcdef")
