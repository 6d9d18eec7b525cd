"""Which ways the desk shows to whom. Showing is a courtesy: the domains decide what may be done."""

import msgspec

from server.circulation.queries import Waiting, waiting_for
from server.identity.roles import Role
from server.kernel.actor import Actor
from server.web.pages import NavItem

APPROVERS = frozenset({Role.ASSET_MANAGER, Role.COMPETENT_REVIEWER, Role.FINANCE_REVIEWER, Role.OPERATIONS})
KEEPERS = frozenset({Role.WAREHOUSE_KEEPER})
HOLDERS = frozenset({Role.ASSET_MANAGER, Role.WAREHOUSE_KEEPER, Role.OPERATIONS})
LEDGER = HOLDERS | {Role.UNIT_ACCOUNTANT, Role.COMPETENT_REVIEWER, Role.FINANCE_REVIEWER}
PEOPLE = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.ASSET_MANAGER})
RULES = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.OPERATIONS, Role.FINANCE_REVIEWER})
ADMINISTRATORS = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN})
WORKERS = LEDGER | APPROVERS


class Way(msgspec.Struct, frozen=True):
    """One entry of the desk's navigation, and the roles that it is drawn for."""

    label: str
    path: str
    icon: str
    roles: frozenset[Role]


WAYS = (
    Way("待办", "/admin/", "list-checks", WORKERS),
    Way("审批", "/admin/approvals", "stamp", APPROVERS),
    Way("仓管台", "/admin/desk", "scan-line", KEEPERS),
    Way("出借与归还", "/admin/loans", "arrow-left-right", HOLDERS),
    Way("遗失与赔偿", "/admin/losses", "package-search", HOLDERS),
    Way("活动", "/admin/occasions", "calendar-check", APPROVERS),
    Way("台账", "/admin/assets", "table-2", LEDGER),
    Way("购置需求", "/admin/needs", "shopping-cart", APPROVERS | {Role.UNIT_ACCOUNTANT}),
    Way("导入", "/admin/imports", "upload", frozenset({Role.ASSET_MANAGER, Role.OPERATIONS})),
    Way("场所", "/admin/places", "warehouse", HOLDERS | {Role.SYSTEM_ADMIN}),
    Way("分类", "/admin/categories", "layers", LEDGER),
    Way("配置标准", "/admin/standards", "clipboard-list", LEDGER | RULES),
    Way("单位配置情况", "/admin/holdings", "chart-column", APPROVERS | {Role.UNIT_ACCOUNTANT}),
    Way("年度小结", "/admin/year", "clipboard-list", APPROVERS | {Role.UNIT_ACCOUNTANT}),
    Way("同义词", "/admin/synonyms", "book-a", LEDGER),
    Way("单位", "/admin/units", "building-2", PEOPLE | {Role.OPERATIONS}),
    Way("人员", "/admin/people", "users", PEOPLE),
    Way("授权", "/admin/role-requests", "key-round", PEOPLE),
    Way("代办", "/admin/delegations", "user-check", WORKERS | PEOPLE),
    Way("政策", "/admin/policies", "scroll-text", RULES | LEDGER),
    Way("工作日历", "/admin/calendar", "calendar-days", RULES | LEDGER),
    Way("审计", "/admin/audit", "shield-check", frozenset({Role.AUDIT_ADMIN})),
    Way("授权监督", "/admin/grants", "shield-check", frozenset({Role.AUDIT_ADMIN})),
    Way("单位变更", "/admin/unit-changes", "arrow-left-right", ADMINISTRATORS),
)


async def ways_for(actor: Actor) -> tuple[NavItem, ...]:
    """The ways of somebody's roles, with how much waits at each."""
    shown = [way for way in WAYS if actor.has_role(*way.roles)]
    waiting = await waiting_for(actor) if actor.has_role(*WORKERS) else Waiting()
    counts = {
        "/admin/approvals": waiting.to_approve,
        "/admin/loans": waiting.to_issue + waiting.to_take_back + waiting.to_inspect,
    }
    return tuple(NavItem(way.label, way.path, way.icon, counts.get(way.path, 0)) for way in shown)


def first_way(actor: Actor) -> str | None:
    """Where somebody without a worklist begins; None for somebody without any work at the desk."""
    return next((way.path for way in WAYS if actor.has_role(*way.roles)), None)
