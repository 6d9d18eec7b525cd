"""The roles that people hold (rules: Who). Names are stable; people read the Chinese ones."""

from enum import StrEnum


class Role(StrEnum):
    """What somebody may do for the unit of their post."""

    BORROWER = "borrower"
    ASSET_MANAGER = "asset_manager"
    UNIT_ACCOUNTANT = "unit_accountant"
    COMPETENT_REVIEWER = "competent_reviewer"
    FINANCE_REVIEWER = "finance_reviewer"
    WAREHOUSE_KEEPER = "warehouse_keeper"
    OPERATIONS = "operations"
    SYSTEM_ADMIN = "system_admin"
    SECURITY_ADMIN = "security_admin"
    AUDIT_ADMIN = "audit_admin"


ROLE_NAMES: dict[str, str] = {
    Role.BORROWER: "借用人",
    Role.ASSET_MANAGER: "单位资产管理员",
    Role.UNIT_ACCOUNTANT: "单位财务",
    Role.COMPETENT_REVIEWER: "主管部门审核人",
    Role.FINANCE_REVIEWER: "财政部门审核人",
    Role.WAREHOUSE_KEEPER: "仓管员",
    Role.OPERATIONS: "机关事务管理",
    Role.SYSTEM_ADMIN: "系统管理员",
    Role.SECURITY_ADMIN: "安全管理员",
    Role.AUDIT_ADMIN: "审计管理员",
}

# Whoever can decide over other people's things logs in with a second factor.
PRIVILEGED = frozenset(
    {
        Role.COMPETENT_REVIEWER,
        Role.FINANCE_REVIEWER,
        Role.OPERATIONS,
        Role.SYSTEM_ADMIN,
        Role.SECURITY_ADMIN,
        Role.AUDIT_ADMIN,
    }
)

# 三员分立: none of the three administrators can do another's work, and none takes part in ordinary business.
ADMINISTRATORS = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN})
