"""The access matrix: one line for each address and each kind of thing.

Written from the domain rules (Who; Borrow, return, hand-in, transfer), never from what the product checks.

A line is `METHOD path | thing | may | open | reach`.

`thing`: what the address names, made by `tests.access.world`; empty where it names nothing.
`may`: those to whom the rules give it, for a thing of their own unit, or of one below by a grant that reaches there.
`open`: those about whom the rules say nothing for things of their own unit; both answers are right.
`reach`: `unit` as above; `own` never a unit below; `region` only with a grant over the units below; `city` for things
of every unit; `others` for things of every unit but one's own; `under` for what hangs below the unit, so only with a
grant that reaches there; `mine` only for things of the very person (those of a
colleague are refused).

Everybody else is refused: 403 or 404. What belongs to a unit out of sight is answered exactly as what does not exist.

Letters: B borrower, A asset manager, U unit accountant, C competent reviewer, F finance reviewer, K warehouse keeper,
O operations, S system, E security, D audit administrator. `*` everybody who is signed in.
"""

from dataclasses import dataclass

from server.identity.roles import Role
from tests.access.finding import FINDING
from tests.access.lending import LENDING
from tests.access.matrix_of_administrators import ADMINISTRATION
from tests.access.reuse import REUSE

LETTERS = {
    "B": Role.BORROWER,
    "A": Role.ASSET_MANAGER,
    "U": Role.UNIT_ACCOUNTANT,
    "C": Role.COMPETENT_REVIEWER,
    "F": Role.FINANCE_REVIEWER,
    "K": Role.WAREHOUSE_KEEPER,
    "O": Role.OPERATIONS,
    "S": Role.SYSTEM_ADMIN,
    "E": Role.SECURITY_ADMIN,
    "D": Role.AUDIT_ADMIN,
}
REACHES = {"unit", "own", "region", "city", "others", "mine", "under"}

# Before a session, and with one that still owes its second factor.
PUBLIC = """
POST /mini/v1/session/wechat
POST /mini/v1/session/invitation
POST /mini/v1/session/phone
POST /mini/v1/session/password
GET /mini/v1/scan
GET /
GET /login
POST /login
POST /logout
POST /preferences
GET /scan
GET /s/<token>
GET /proofs/<proof_id>
GET /calendar/<key>/gongwucang.ics
GET /healthz
GET /readyz
GET /metrics
GET /admin/styleguide
GET /openapi.json
GET /openapi
"""
HALF = """
POST /mini/v1/session/second-factor
DELETE /mini/v1/session
GET /mini/v1/me
POST /mini/v1/me/password
GET /login/second-factor
POST /login/second-factor
GET /login/password
POST /login/password
GET /login/totp-setup
POST /login/totp-setup
POST /login/totp-setup/code
"""

MATRIX = """
# 本人: everybody's own account, for the unit acted for
GET /mini/v1/me/sessions | | *
DELETE /mini/v1/me/sessions/<session_id> | session | * | | mine
DELETE /mini/v1/me/wechat | bound | * | | mine
POST /mini/v1/me/totp | | *
POST /mini/v1/me/totp/confirmation | totp | * | | mine
POST /mini/v1/units/<unit_id>/session | post | * | | mine
GET /mini/v1/notices | | *
GET /mini/v1/waiting | | *
GET /mini/v1/notices/unread-count | | *
POST /mini/v1/notices/reading | | *
GET /mini/v1/message-consents | | *
GET /me/wechat | | *
POST /me/wechat/stop | | *
POST /mini/v1/message-consents/answers | allowed | * | | mine
POST /mini/v1/message-consents/withdrawal | allowed | * | | mine
GET /me | | *
POST /me/sessions/<session_id>/end | session | * | | mine
POST /me/sessions/end-others | | *
GET /me/calendar | | *
POST /me/calendar | | *
POST /me/calendar/end | | *
GET /mini/v1/me/calendar | | *
POST /mini/v1/me/calendar | | *
DELETE /mini/v1/me/calendar | with_feed | * | | mine
POST /switch-unit | post | * | | mine
GET /messages | | *
GET /messages/export | | *
POST /messages/read | | *

# 代办: dated, scoped, recorded; one's own business role, never an administrator's; ended by the giver or security
GET /mini/v1/delegations | | *
POST /mini/v1/delegations | colleague | B A U C F K O | | own
POST /mini/v1/delegations/<delegation_id>/revocation | delegation | E | | unit
POST /mini/v1/delegations/<delegation_id>/revocation | given | B A U C F K O | | mine
POST /me/delegations | colleague | B A U C F K O | | own
POST /me/delegations/<delegation_id>/revocation | delegation | E | | unit
POST /me/delegations/<delegation_id>/revocation | given | B A U C F K O | | mine
GET /admin/delegations | | B A U C F K O E | S D
GET /admin/delegations/export | | B A U C F K O E | S D
GET /admin/delegations/new | | B A U C F K O
POST /admin/delegations | colleague | B A U C F K O | | own
GET /admin/delegations/<delegation_id>/revocation | delegation | E | | unit
POST /admin/delegations/<delegation_id>/revocation | delegation | E | | unit
POST /admin/delegations/<delegation_id>/revocation | given | B A U C F K O | | mine

# 审批: the role that a step names, over the unit that it names; the applicant never
GET /mini/v1/approvals | | *
GET /mini/v1/approvals/pending-count | | *
GET /mini/v1/approvals/<task_id> | task | A | | unit
GET /mini/v1/approvals/<task_id> | consent | O | A | unit
POST /mini/v1/approvals/<task_id>/decision | task | A | | unit
POST /mini/v1/approvals/<task_id>/decision | consent | O | A | unit
POST /mini/v1/approvals/<task_id>/return | task | A | | unit
POST /mini/v1/approvals/<task_id>/return | consent | O | A | unit
GET /approvals | | *
GET /approvals/export | | *
GET /approvals/<task_id> | task | A | | unit
POST /approvals/<task_id>/decision | task | A | | unit
POST /approvals/<task_id>/decision | consent | O | A | unit
GET /admin/approvals | | A C F O | B U K S E D
GET /admin/approvals/export | | A C F O | B U K S E D
# 批量: everybody may ask; each decision is answered by itself, as if it were the only one
GET /admin/approvals/several | | A C F O | B U K S E D
POST /admin/approvals/several | | A C F O | B U K S E D
POST /mini/v1/approvals/decisions | | *
GET /admin/approvals/<task_id> | task | A | | unit
POST /admin/approvals/<task_id>/decision | task | A | | unit
POST /admin/approvals/<task_id>/decision | consent | O | A | unit

# 留言: the applicant, and those whom a step of the application asked
GET /mini/v1/comments/<kind>/<subject_id> | talk | A | | unit
GET /mini/v1/comments/<kind>/<subject_id> | my_talk | B | | mine
POST /mini/v1/comments/<kind>/<subject_id> | talk | A | | unit
POST /mini/v1/comments/<kind>/<subject_id> | my_talk | B | | mine
POST /mini/v1/approval-comments/<comment_id>/withdrawal | my_talk | B | | mine
GET /mini/v1/approval-comments/<comment_id>/attachments/<file_id> | talk | A | | unit
GET /comments/<kind>/<subject_id> | talk | A | | unit
POST /comments/<kind>/<subject_id> | talk | A | | unit
POST /approval-comments/<comment_id>/withdrawal | my_talk | B | | mine
GET /approval-comments/<comment_id>/attachments/<file_id> | talk | A | | unit

# 账卡: the unit's asset manager, operations over its network, the keeper of the place; others of the unit may look
GET /mini/v1/assets | | A O K | B U C F S E D
GET /mini/v1/assets/<asset_id> | card | A O K | B U C F | unit
GET /mini/v1/assets/<asset_id>/history | card | A O K | B U C F | unit
POST /mini/v1/assets | new_card | A | O K | own
POST /mini/v1/assets/<asset_id>/correction | card | A | O | unit
POST /mini/v1/assets/<asset_id>/move | card | A K | O | unit
POST /mini/v1/assets/<asset_id>/clearing | medium | A | O K | unit
POST /mini/v1/assets/<asset_id>/picture | card | A | O K | unit
POST /mini/v1/assets/<asset_id>/label | card | A | O K | unit
GET /mini/v1/assets/<asset_id>/label | labelled | A | B U C F O K | unit
GET /admin/assets | | A O K | B U C F S E D
GET /admin/assets/export | | A O K | B U C F S E D
GET /admin/assets/new | | A | O K
POST /admin/assets | new_card | A | O K | own
GET /admin/assets/<asset_id> | card | A O K | B U C F | unit
GET /admin/assets/<asset_id>/history/export | card | A O K | B U C F | unit
GET /admin/assets/<asset_id>/correction | card | A | O | unit
POST /admin/assets/<asset_id>/correction | card | A | O | unit
GET /admin/assets/<asset_id>/move | card | A K | O | unit
POST /admin/assets/<asset_id>/move | card | A K | O | unit
GET /admin/assets/<asset_id>/custodian | card | A | O | unit
POST /admin/assets/<asset_id>/custodian | card | A | O | unit
GET /admin/assets/<asset_id>/clearing | medium | A | O K | unit
POST /admin/assets/<asset_id>/clearing | medium | A | O K | unit
GET /admin/assets/<asset_id>/freezing | card | A | O | unit
POST /admin/assets/<asset_id>/freezing | card | A | O | unit
GET /admin/assets/<asset_id>/unfreezing | frozen | A | O | unit
POST /admin/assets/<asset_id>/unfreezing | frozen | A | O | unit
GET /admin/assets/<asset_id>/picture | card | A | O K | unit
POST /admin/assets/<asset_id>/picture | card | A | O K | unit
GET /admin/assets/<asset_id>/label | card | A | O K | unit
POST /admin/assets/<asset_id>/label | card | A | O K | unit
GET /admin/assets/<asset_id>/label.pdf | labelled | A | B U C F O K | unit

# 导入: ledgers become a unit's cards by its asset manager or operations, with a grant over the units below theirs too
GET /admin/imports | | A O
GET /admin/imports/export | | A O
GET /admin/imports/new | | A O
POST /admin/imports | | A O
GET /admin/imports/<import_id> | ready_import | A O | | unit
GET /admin/imports/<import_id>/rows/export | ready_import | A O | | unit
GET /admin/imports/<import_id>/progress | reading_import | A O | | unit
GET /admin/imports/<import_id>/file | ready_import | A O | | unit
GET /admin/imports/<import_id>/errors | ready_import | A O | | unit
GET /admin/imports/<import_id>/rows | ready_import | A O | | unit
POST /admin/imports/<import_id>/rows | ready_import | A O | | unit
GET /admin/imports/<import_id>/matches | ready_import | A O | | unit
POST /admin/imports/<import_id>/matches | ready_import | A O | | unit
POST /admin/imports/<import_id>/mapping | ready_import | A O | | unit
GET /admin/imports/<import_id>/application | ready_import | A O | | unit
POST /admin/imports/<import_id>/application | ready_import | A O | | unit
GET /admin/imports/<import_id>/undoing | done_import | A O | | unit
POST /admin/imports/<import_id>/undoing | done_import | A O | | unit
GET /admin/imports/<import_id>/discarding | ready_import | A O | | unit
POST /admin/imports/<import_id>/discarding | ready_import | A O | | unit

# 共享大厅: whoever acts for a government unit browses; the holder's asset manager or warehouse operator lists
GET /mini/v1/listings | | B A U C F K O | S E D
GET /mini/v1/listings/<listing_id> | listing | B A U C F K O | S E D | city
GET /mini/v1/assets/<asset_id>/availability | listing | B A U C F K O | S E D | city
POST /mini/v1/listings | card | A O | | unit
POST /mini/v1/listings/<listing_id>/closure | listing | A O | | unit
GET /sharing | | B A U C F K O | S E D
GET /sharing/<listing_id> | listing | B A U C F K O | S E D | city
GET /sharing/<listing_id>/apply | listing | B | A U C F K O S E D | city
POST /sharing/<listing_id>/apply | listing | B | | others
GET /admin/listings/several | | A O |
POST /admin/listings/several | | A O |
GET /sharing/export | | B A U C F K O | S E D
GET /admin/assets/<asset_id>/listing | card | A O | | unit
POST /admin/assets/<asset_id>/listing | card | A O | | unit
GET /admin/assets/<asset_id>/listing/closing | listing | A O | | unit
POST /admin/assets/<asset_id>/listing/closing | listing | A O | | unit

# 选项与图片
GET /mini/v1/categories | | *
GET /mini/v1/places | | A O K S | B U C F E D
GET /mini/v1/people | | A S E | B U C F K O D
POST /mini/v1/files | | *
GET /mini/v1/files/<file_id> | file | * | | own
GET /mini/v1/files/<file_id>/thumbnail | file | * | | own
GET /files/<file_id> | file | * | | own
GET /files/<file_id>/thumbnail | file | * | | own
POST /messages/<notice_id>/read | notice | * | | mine

# 后台首页与各人可看的目录
GET /admin/ | | A U C F K O S E D | B
GET /admin/categories | | *
GET /admin/categories/export | | *
GET /admin/calendar | | *
GET /admin/calendar/export | | *
GET /admin/policies | | *
GET /admin/policies/export | | *
GET /admin/policies/<kind> | borrowing | * | | own
GET /admin/policies/<kind> | security | E S D | | own
GET /admin/policies/<kind>/export | borrowing | * | | own
GET /admin/policies/<kind>/export | security | E S D | | own

# 场所: operations run warehouses, a unit's asset manager its sites and rooms
GET /admin/places | | A O K S | B U C F E D
GET /admin/places/export | | A O K S | B U C F E D
GET /admin/places/new | | A O
POST /admin/places | new_site | A | | own
POST /admin/places | new_warehouse | O | | own
POST /admin/places | below_site | A | | unit
POST /admin/places | below_warehouse | O | | unit
GET /admin/places/<place_id> | site | A | O K S | unit
GET /admin/places/<place_id> | warehouse | O | A K S | unit
GET /admin/places/<place_id>/correction | site | A | | unit
GET /admin/places/<place_id>/correction | warehouse | O | | unit
POST /admin/places/<place_id>/correction | site | A | | unit
POST /admin/places/<place_id>/correction | warehouse | O | | unit
GET /admin/places/<place_id>/keepers/new | warehouse | O | | unit
POST /admin/places/<place_id>/keepers | warehouse | O | | unit
GET /admin/places/<place_id>/keepers/<person_id>/end | kept | O | | unit
POST /admin/places/<place_id>/keepers/<person_id>/end | kept | O | | unit
GET /admin/places/<place_id>/closing | site | A | | unit
GET /admin/places/<place_id>/closing | warehouse | O | | unit
POST /admin/places/<place_id>/closing | site | A | | unit
POST /admin/places/<place_id>/closing | warehouse | O | | unit

# 单位与人员: the system administrator registers, the security administrator grants, neither does the other's work
GET /admin/units | | S E A O | B U C F K D
GET /admin/units/export | | S E A O | B U C F K D
GET /admin/units/<unit_id> | unit | S E A O | B U C F K D | unit
GET /admin/units/<parent_id>/units/new | parent | S | | unit
POST /admin/units/<parent_id>/units | parent | S | | unit
GET /admin/people | | S E A | O
GET /admin/people/export | | S E A | O
GET /admin/people/new | | S
POST /admin/people | new_person | S | | unit
GET /admin/people/<person_id> | person | S E A | O | unit
GET /admin/people/<person_id>/posts/new | person | S | | unit
POST /admin/people/<person_id>/posts | person | S | | unit
GET /admin/people/<person_id>/posts/<post_id>/end | second_post | S | | unit
POST /admin/people/<person_id>/posts/<post_id>/end | second_post | S | | unit
GET /admin/people/<person_id>/roles/new | person | E | | unit
POST /admin/people/<person_id>/roles | person | E | | unit
GET /admin/people/<person_id>/posts/<post_id>/roles/<role>/revocation | person | E | | unit
POST /admin/people/<person_id>/posts/<post_id>/roles/<role>/revocation | person | E | | unit
GET /admin/people/<person_id>/invitation | person | S A | | unit
POST /admin/people/<person_id>/invitation | person | S A | | unit
GET /admin/people/<person_id>/password | person | E | | unit
POST /admin/people/<person_id>/password | person | E | | unit
GET /admin/people/<person_id>/resets/<kind> | person | E | | unit
POST /admin/people/<person_id>/resets/<kind> | person | E | | unit
GET /admin/people/<person_id>/disabling | person | E | | unit
POST /admin/people/<person_id>/disabling | person | E | | unit
GET /admin/people/<person_id>/handover | person | S A | | unit
POST /admin/people/<person_id>/handover | leaving | S A | | unit


GET /admin/dictionaries/<dictionary> | dictionary | * | | city
GET /admin/dictionaries/<dictionary>/export | dictionary | * | | city
GET /admin/policies/<kind>/versions/<version_id> | coming | * | | own

# 政策与日历: for a whole region, so only with a grant over the units below; logins by security, the rest by system
GET /admin/policies/<kind>/change | borrowing | S | | region
GET /admin/policies/<kind>/change | security | E | | region
POST /admin/policies/<kind>/change | borrowing | S | | region
POST /admin/policies/<kind>/change | security | E | | region
GET /admin/policies/<kind>/versions/<version_id>/cancellation | coming | S | | region
POST /admin/policies/<kind>/versions/<version_id>/cancellation | coming | S | | region
GET /admin/calendar/load | | S | | region
POST /admin/calendar/load | | S | | region

# 审计: the audit administrator reads, and nobody else does
GET /admin/audit | | D
GET /admin/audit/<event_id> | event | D | | unit
GET /admin/audit/things/<kind>/<subject_id> | audited | D | | unit
POST /admin/audit/export | | D
GET /admin/audit/chain | | D
POST /admin/audit/chain/verification | | D
"""


@dataclass(frozen=True, slots=True)
class Case:
    """One line of the table."""

    method: str
    path: str
    thing: str
    may: frozenset[Role]
    is_open_to: frozenset[Role]
    reach: str

    @property
    def key(self) -> tuple[str, str]:
        return self.method, self.path

    def __str__(self) -> str:
        return f"{self.method} {self.path} [{self.thing}]"


def roles_of(letters: str) -> frozenset[Role]:
    """`A K` → asset manager and keeper."""
    return frozenset(LETTERS.values() if letters == "*" else (LETTERS[letter] for letter in letters.split()))


def case_of(line: str) -> Case:
    """One line, parsed."""
    address, thing, may, is_open_to, reach = [*(part.strip() for part in line.split("|")), "", "", "", ""][:5]
    method, path = address.split()
    assert (reach or "unit") in REACHES, line
    return Case(method, path, thing, roles_of(may), roles_of(is_open_to), reach or "unit")


def lines_of(table: str) -> list[str]:
    return [line for line in map(str.strip, table.splitlines()) if line and not line.startswith("#")]


CASES = [case_of(line) for line in lines_of(LENDING + MATRIX + REUSE + ADMINISTRATION + FINDING)]
OPEN_ADDRESSES = {tuple(line.split()) for line in lines_of(PUBLIC)}
HALF_ADDRESSES = {tuple(line.split()) for line in lines_of(HALF)}
