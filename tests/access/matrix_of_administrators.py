"""The lines of the access matrix for the administrators' work, written as `tests.access.matrix` says."""

ADMINISTRATION = """
# 单位变更: system proposes and keeps the facts, security confirms, audit watches; for units below by a wide grant
GET /admin/units/<unit_id>/renaming | subunit | S | | under
POST /admin/units/<unit_id>/renaming | subunit | S | | under
GET /admin/units/<unit_id>/correction | subunit | S | | under
POST /admin/units/<unit_id>/correction | subunit | S | | under
GET /admin/units/<unit_id>/closing | subunit | S | | under
POST /admin/units/<unit_id>/closing | subunit | S | | under
GET /admin/units/<unit_id>/changes/<kind> | merging | S | | under
POST /admin/units/<unit_id>/changes/<kind> | merging | S | | under
POST /admin/units/<unit_id>/changes/<kind> | splitting | S | | under
GET /admin/unit-changes | | S E D
GET /admin/unit-changes/export | | S E D
GET /admin/unit-changes/<change_id> | proposed | S E D | | under
POST /admin/unit-changes/<change_id>/confirmation | proposed | E | | under
POST /admin/unit-changes/<change_id>/refusal | proposed | E | | under
POST /admin/unit-changes/<change_id>/withdrawal | proposed | S | | under

# 交接、授权与个人信息: both sides sign; S and A ask, E decides, D watches; the desk for personal data is E's
GET /admin/handovers/<handover_id> | signed | A S E D | B U C F K O | unit
GET /admin/handovers/<handover_id>/export | signed | A S E D | B U C F K O | unit
GET /admin/handovers/<handover_id>/list.pdf | signed | A S E D | B U C F K O | unit
POST /admin/handovers/<handover_id>/receipt | signed | A S | | unit
GET /admin/role-requests | | S A E D
GET /admin/role-requests/export | | S A E D
GET /admin/role-requests/<request_id> | asked | S A E D | | unit
POST /admin/role-requests/<request_id>/grant | asked | E | | unit
POST /admin/role-requests/<request_id>/refusal | asked | E | | unit
POST /admin/role-requests/<request_id>/withdrawal | asked | S A | | unit
GET /admin/people/<person_id>/role-requests/new | person | S A | | unit
POST /admin/people/<person_id>/role-requests | person | S A | | unit
GET /admin/people/<person_id>/grants | person | S E D | | unit
GET /admin/people/<person_id>/grants/export | person | S E D | | unit
GET /admin/grants | | S E D
GET /admin/grants/export | | S E D
GET /admin/people/<person_id>/correction | person | S | | unit
POST /admin/people/<person_id>/correction | person | S | | unit
GET /admin/people/<person_id>/personal-data | person | E | | unit
POST /admin/people/<person_id>/personal-data | person | E | | unit
GET /admin/people/<person_id>/erasure | person | E | | unit
POST /admin/people/<person_id>/erasure | gone | E | | unit
GET /me/personal-data | | *
GET /me/personal-data/copy | | *
GET /me/handovers/<handover_id> | given_me | * | | mine
GET /me/handovers/<handover_id>/export | given_me | * | | mine
POST /me/handovers/<handover_id>/receipt | given_me | * | | mine
GET /mini/v1/me/personal-data | | *
GET /mini/v1/handovers | | *
POST /mini/v1/handovers/<handover_id>/receipt | given_me | * | | mine
"""
