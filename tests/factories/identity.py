"""A small Hangzhou: divisions, a tree of units, people with posts and roles, and actors as sessions would make them."""

import itertools
from dataclasses import dataclass

from argon2 import Parameters, Type

from server.identity import passwords
from server.identity.commands import (
    AddPost,
    CreatePerson,
    CreateUnit,
    GrantRole,
    ImportRegions,
    RegionRow,
    add_post,
    create_person,
    create_unit,
    grant_role,
    import_regions,
)
from server.identity.models import Person
from server.identity.ops import unit_facts
from server.identity.roles import Role
from server.identity.types import PersonView, UnitView
from server.identity.wechat import OPENID_FIELD, index_of
from server.kernel.actor import Actor, ActorKind, Grant, PartyKind, system_actor
from server.kernel.ids import new_id
from server.kernel.reading import reading
from server.kernel.runtime import current_runtime
from server.kernel.unit_of_work import unit_of_work

CHEAP = Parameters(type=Type.ID, version=19, salt_len=16, hash_len=16, time_cost=1, memory_cost=8, parallelism=1)
# A hash for real takes tens of milliseconds and 64 MiB; tests are about everything around it.
passwords.use_parameters(CHEAP)

SYSTEM = system_actor("factory")
PASSWORD = "xihu-longjing-2026"
_phones = itertools.count(13_800_000_001)

REGIONS = [
    RegionRow("330000", "浙江省", None, "province"),
    RegionRow("330100", "杭州市", "330000", "city"),
    RegionRow("330106", "西湖区", "330100", "district"),
    RegionRow("330113", "临平区", "330100", "district"),
]


@dataclass(frozen=True, slots=True)
class City:
    """The units of `make_city`. Root of the tree is the city; each district hangs below it.

    `city` 杭州市人民政府 > `operator` 市机关事务管理局, `finance` 市财政局, `education` 市教育局 > `school`;
    > `linping` 临平区人民政府 > `district_operator`, `district_finance`, `health` 区卫生健康局 > `hospital`,
    `culture` 区文化和广电旅游体育局; > `xihu` 西湖区人民政府 > `xihu_finance`, `xihu_education`.
    """

    city: UnitView
    operator: UnitView
    finance: UnitView
    education: UnitView
    school: UnitView
    linping: UnitView
    district_operator: UnitView
    district_finance: UnitView
    health: UnitView
    hospital: UnitView
    culture: UnitView
    xihu: UnitView
    xihu_finance: UnitView
    xihu_education: UnitView


async def make_regions() -> None:
    """The four divisions that the tests' units lie in."""
    await import_regions(SYSTEM, ImportRegions(REGIONS, "测试区划"))


async def make_unit(
    name: str,
    short_name: str,
    parent: UnitView | None = None,
    *,
    region_code: str = "",
    kind: str = "organ",
    is_finance_authority: bool = False,
    is_operator: bool = False,
    code: str = "",
) -> UnitView:
    """A unit below `parent`, in its region unless another is named."""
    request = CreateUnit(
        code=code or f"U{next(_codes):08d}",
        name=name,
        short_name=short_name,
        kind=kind,
        region_code=region_code or (parent.region_code if parent else "330100"),
        parent_id=parent.id if parent else None,
        is_finance_authority=is_finance_authority,
        is_operator=is_operator,
    )
    return await create_unit(SYSTEM, request)


_codes = itertools.count(1)


async def make_city() -> City:
    """Divisions and units; people are made by `make_person`."""
    await make_regions()
    city = await make_unit("杭州市人民政府", "市政府")
    education = await make_unit("杭州市教育局", "市教育局", city)
    linping = await make_unit("杭州市临平区人民政府", "临平区政府", city, region_code="330113")
    health = await make_unit("杭州市临平区卫生健康局", "区卫健局", linping)
    xihu = await make_unit("杭州市西湖区人民政府", "西湖区政府", city, region_code="330106")
    return City(
        city=city,
        operator=await make_unit("杭州市机关事务管理局", "市机关事务局", city, is_operator=True),
        finance=await make_unit("杭州市财政局", "市财政局", city, is_finance_authority=True),
        education=education,
        school=await make_unit("杭州第二中学", "杭二中", education, kind="public_institution"),
        linping=linping,
        district_operator=await make_unit("临平区机关事务服务中心", "区机关事务中心", linping, is_operator=True),
        district_finance=await make_unit("杭州市临平区财政局", "区财政局", linping, is_finance_authority=True),
        health=health,
        hospital=await make_unit("临平区第一人民医院", "区一医院", health, kind="public_institution"),
        culture=await make_unit("临平区文化和广电旅游体育局", "区文广旅体局", linping),
        xihu=xihu,
        xihu_finance=await make_unit("杭州市西湖区财政局", "西湖财政局", xihu, is_finance_authority=True),
        xihu_education=await make_unit("杭州市西湖区教育局", "西湖教育局", xihu),
    )


async def make_person(
    name: str,
    unit: UnitView,
    *roles: Role,
    title: str = "科员",
    login_name: str | None = None,
    password: str | None = None,
    is_subtree: bool = False,
    must_change_password: bool = False,
) -> PersonView:
    """A person with a post in `unit` and these roles there. Without a password unless one is given."""
    request = CreatePerson(
        name=name,
        login_name=login_name,
        phone=str(next(_phones)),
        unit_id=unit.id,
        title=title,
        password=password,
        must_change_password=must_change_password,
    )
    person = await create_person(SYSTEM, request)
    for role in roles:
        person = await grant_role(SYSTEM, GrantRole(person.posts[0].post_id, role, is_subtree))
    return person


async def make_post(
    person: PersonView, unit: UnitView, *roles: Role, title: str = "兼职", is_subtree: bool = False
) -> PersonView:
    """Another post of a known person, with these roles."""
    person = await add_post(SYSTEM, AddPost(person.id, unit.id, title))
    post = next(post for post in person.posts if post.unit_id == unit.id)
    for role in roles:
        person = await grant_role(SYSTEM, GrantRole(post.post_id, role, is_subtree))
    return person


async def actor_of(person: PersonView, unit: UnitView, *roles: Role, is_subtree: bool | None = None) -> Actor:
    """The actor of a session of `person` for `unit`, second factor confirmed, without logging in.

    With the roles that the person holds there, or just `roles` where they are named (then nothing is granted in the
    database: for tests of what a role may do). `is_subtree` goes with named roles.
    """
    async with reading() as rows:
        facts = await unit_facts(rows, unit.id)
    held = [role for post in person.posts if post.unit_id == unit.id for role in post.roles]
    named = tuple(Grant(role, bool(is_subtree)) for role in roles)
    return Actor(
        kind=ActorKind.PERSON,
        person_id=person.id,
        person_name=person.name,
        unit_id=unit.id,
        unit_name=unit.name,
        unit_path=unit.path,
        region_path=facts.region_path,
        party_id=facts.party_id,
        party_kind=PartyKind.GOVERNMENT_UNIT,
        grants=named or tuple(Grant(role.role, role.is_subtree) for role in held),
        has_second_factor=True,
        request_id="test",
    )


async def make_actor(name: str, unit: UnitView, *roles: Role, is_subtree: bool = False) -> Actor:
    """A new person with these roles in `unit`, as an actor: the usual start of a test."""
    return await actor_of(await make_person(name, unit, *roles, is_subtree=is_subtree), unit)


async def bind_wechat(actor: Actor, openid: str | None = None) -> str:
    """Bind a person's WeChat as a login would; returns the openid, made up where none is given."""
    openid = openid or f"o{new_id():0>27}"
    sealed = current_runtime().cipher.encrypt(OPENID_FIELD, openid)
    async with unit_of_work(SYSTEM) as uow:
        await uow.change(Person, {"id": actor.person_id}, wechat_index=index_of(openid), wechat_sealed=sealed)
    return openid
