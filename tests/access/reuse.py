"""The lines of the matrix about meeting needs from what there is; `tests.access.matrix` explains the columns."""

REUSE = """
# 配置标准: published, so everybody reads; 机关事务 and 财政部门 enter them for a region. What a unit holds is for its
# managers, its accountant and its reviewers to see; the headcount is said by its manager and the system administrator.
GET /mini/v1/standards | | *
GET /mini/v1/assets/<asset_id>/standard | card | A O K | B U C F | unit
GET /admin/standards | | *
GET /admin/standards/export | | *
GET /admin/standards/<standard_id> | standard | * | | city
GET /admin/standards/<standard_id>/export | standard | * | | city
GET /admin/standards/import | | O F | B A U C K S E D | region
POST /admin/standards/import | | O F | | region
GET /admin/holdings | | A U C F O
GET /admin/holdings/<unit_id> | unit | A C F O | U | unit
GET /admin/holdings/<unit_id>/export | unit | A C F O | U | unit
GET /admin/holdings/<unit_id>/cards/export | measured | A C F O | U | unit
GET /admin/units/<unit_id>/headcount | unit | A S | | unit
POST /admin/units/<unit_id>/headcount | unit | A S | | unit

# 年度小结 (Figures people ask for): a unit's year is for its managers, its accountant and its reviewers to see
GET /admin/year | | A U C F O
GET /admin/year/<unit_id> | unit | A C F O | U | unit
GET /admin/year/<unit_id>/export | unit | A C F O | U | unit
GET /admin/year/<unit_id>/<figure> | year_of_unit | A C F O | U | unit
GET /admin/year/<unit_id>/<figure>/export | year_of_unit | A C F O | U | unit
GET /mini/v1/units/<unit_id>/year | unit | A C F O | U | unit

# 需求广场: whoever acts for a government unit looks, a civil servant or asset manager posts for the unit, other units'
# asset managers (and operations for their warehouses) answer, the poster and the unit's manager close
GET /mini/v1/wanted | | *
GET /mini/v1/wanted/<wanted_id> | wanted | B A U C F K O | S E D | city
POST /mini/v1/wanted | | B A
POST /mini/v1/wanted/<wanted_id>/offers | wanted | A O | | others
POST /mini/v1/wanted/<wanted_id>/closing | wanted | A | | unit
POST /mini/v1/wanted/<wanted_id>/closing | posted | B | | mine
GET /wanted | | *
GET /wanted/export | | *
GET /wanted/new | | B A
POST /wanted | | B A
GET /wanted/<wanted_id> | wanted | B A U C F K O | S E D | city
POST /wanted/<wanted_id>/offers | wanted | A O | | others
GET /wanted/<wanted_id>/closing | wanted | A | | unit
GET /wanted/<wanted_id>/closing | posted | B | | mine
POST /wanted/<wanted_id>/closing | wanted | A | | unit
POST /wanted/<wanted_id>/closing | posted | B | | mine

# 购置需求与闲置证明: a civil servant or the asset manager asks for the unit, the applicant and the manager work on it,
# the accountant and those who review it look; the code on a proof is for anybody who has the paper
GET /mini/v1/needs | | *
GET /mini/v1/needs/<need_id> | need | A C F | U | unit
GET /mini/v1/needs/<need_id> | needed | B | | mine
GET /mini/v1/needs/<need_id>/proof | proof | A C F | U | unit
POST /mini/v1/needs | | B A
POST /mini/v1/needs/<need_id>/search | need | A | | unit
POST /mini/v1/needs/<need_id>/search | needed | B | | mine
POST /mini/v1/needs/<need_id>/proof | searched | A | | unit
POST /mini/v1/needs/<need_id>/submission | proof | A | | unit
POST /mini/v1/needs/<need_id>/withdrawal | need | A | | unit
POST /mini/v1/needs/<need_id>/withdrawal | needed | B | | mine
POST /mini/v1/needs/<need_id>/meeting | need | A | | unit
POST /mini/v1/needs/<need_id>/correction | need_sent_back | B A | | mine
GET /admin/needs/<need_id>/correction | need_sent_back | B A | | mine
POST /admin/needs/<need_id>/correction | need_sent_back | B A | | mine
GET /admin/needs | | *
GET /admin/needs/export | | *
GET /admin/needs/new | | B A
POST /admin/needs | | B A
GET /admin/needs/<need_id> | need | A C F | U | unit
GET /admin/needs/<need_id> | needed | B | | mine
POST /admin/needs/<need_id>/search | need | A | | unit
GET /admin/needs/<need_id>/proof | searched | A | U C F | unit
POST /admin/needs/<need_id>/proof | searched | A | | unit
GET /admin/needs/<need_id>/proof.pdf | proof | A C F | U | unit
GET /admin/needs/<need_id>/proof/export | proof | A C F | U | unit
POST /admin/needs/<need_id>/submission | proof | A | | unit
GET /admin/needs/<need_id>/withdrawal | need | A | U C F | unit
POST /admin/needs/<need_id>/withdrawal | need | A | | unit
GET /admin/needs/<need_id>/meeting | need | A | U C F | unit
POST /admin/needs/<need_id>/meeting | need | A | | unit
"""
