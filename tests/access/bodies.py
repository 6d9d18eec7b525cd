"""A valid body for every write of the matrix, so that only access decides.

`{name}` stands for a fact of the thing, `{my_…}` for one of whoever asks. A body of one kind of thing has that kind
behind its address.
"""

from typing import Any

Body = dict[str, Any]
REASON = {"reason": "会议改期"}
DELEGATION = {
    "to_person_id": "{to_person_id}",
    "role": "{my_role}",
    "starts_on": "{today}",
    "ends_on": "{soon}",
    "reason": "年休假",
}
CARD = {
    "item_name": "投影仪",
    "brand": "爱普生",
    "model": "CB-X06",
    "category_code": "A02020200",
    "acquired_on": "2024-03-18",
    "condition": "good",
    "place_id": "{place_id}",
}
DAYS = {"from_day": "{today}", "to_day": "{soon}", "purpose": "全区文化工作会议放映"}
LOGIN = {"login_name": "nobody-known", "password": "wrong-password"}
PLACE = {"kind": "{place_kind}", "code": "{place_code}", "name": "二号楼", "address": "临平大道 1 号"}
STANDARD_ROWS = (
    "类别,资产项目,品目编码,价格上限,计价单位,最低使用年限,数量标准,核对情况\n"
    "设备,投影仪,A02020200,10000,元/台,6,,未核实"
)
PAPER = {"document_no": "临委编〔2026〕18号", "effective_on": "{today}", "reason": "机构改革"}
STEP = {
    "step0_name": "本单位审核",
    "step0_role": "asset_manager",
    "step0_where": "applicant_unit",
    "step0_when": "always",
}

NEED = {
    "category_code": "A02020200",
    "item": "投影仪",
    "specification": "4000 流明以上",
    "purpose": "政务大厅培训室",
    "needed_by": "{soon}",
}

NEED_CORRECTION = {"quantity": 1, "budget_fen": 700_000, "needed_by": "{soon}", "purpose": "政务大厅培训室"}

WANTED = {"title": "折叠会议桌", "note": "培训班用"}

EVENT = {
    "name": "文化艺术节",
    "starts_on": "{today}",
    "ends_on": "{soon}",
    "responsible_id": "{to_person_id}",
}
PROLONGING = {"ends_on": "{later}", "reason": "因雨顺延"}
CLOSING = {"note": "圆满结束"}

LOSS = {"asset_id": "{asset_id}", "explanation": "撤展后清点时发现不在"}
RECEIPT = {"receipt_no": "浙财0001", "paid_on": "{today}"}
REFUND = {"document_no": "退0001", "refunded_on": "{today}"}
FOUND = {"condition": "good", "note": "保洁找到"}

JSON_BODIES: dict[str, Body] = {
    "POST /mini/v1/approvals/decisions": {
        "decisions": [{"task_id": "0000000000000000", "choice": "approve", "version": 1}]
    },
    "POST /mini/v1/wanted": {**WANTED, "quantity": 10, "days": 5},
    "POST /mini/v1/wanted/<wanted_id>/offers": {"words": "我单位有四张，可以借"},
    "POST /mini/v1/wanted/<wanted_id>/closing": {"is_met": True, "note": "已借到"},
    "POST /mini/v1/needs": {**NEED, "quantity": 2, "budget_fen": 1_600_000},
    "POST /mini/v1/needs/<need_id>/proof": {
        "search_id": "{search_id}",
        "refusals": [],
    },
    "POST /mini/v1/needs/<need_id>/withdrawal": REASON,
    "POST /mini/v1/needs/<need_id>/meeting": {"how": "向区文广旅体局借用"},
    "POST /mini/v1/session/wechat": {"code": "not-a-code"},
    "POST /mini/v1/session/invitation": {"code": "not-a-code", "invitation": "nothing"},
    "POST /mini/v1/session/phone": {"code": "not-a-code", "phone_code": "nothing"},
    "POST /mini/v1/session/password": LOGIN,
    "POST /mini/v1/session/second-factor": {"code": "000000"},
    "POST /mini/v1/me/password": {"old_password": "wrong-password", "new_password": "xihu-longjing-2027"},
    "POST /mini/v1/me/totp/confirmation": {"code": "{totp_code}"},
    "POST /mini/v1/notices/reading": {},
    "POST /mini/v1/message-consents/answers": {
        "answers": [{"template_id": "sandbox-template-borrowing", "answer": "accept"}]
    },
    "POST /mini/v1/message-consents/withdrawal": {"template_id": "sandbox-template-borrowing"},
    "POST /mini/v1/handovers/<handover_id>/receipt": {"signed_name": "{receiver_name}"},
    "POST /mini/v1/delegations": DELEGATION,
    "POST /mini/v1/approvals/<task_id>/decision": {"is_approved": True, "opinion": "同意"},
    "POST /mini/v1/assets": {**CARD, "value_fen": 459_900},
    "POST /mini/v1/assets/<asset_id>/correction": {"version": "{version}", "brand": "明基", "reason": "铭牌看错"},
    "POST /mini/v1/assets/<asset_id>/move": {"place_id": "{my_shelf_id}", "reason": "腾库"},
    "POST /mini/v1/assets/<asset_id>/clearing": {"method": "三次覆写", "document_no": "清2026-7"},
    "POST /mini/v1/assets/<asset_id>/picture": {"picture_id": "{my_picture_id}"},
    "POST /mini/v1/listings": {"asset_id": "{asset_id}", "terms": "自取自还", "longest_days": 30},
    "POST /mini/v1/listings/<listing_id>/closure": REASON,
    "POST /mini/v1/searches": {"name": "投影仪", "wanted": {"text": "投影仪"}},
    "POST /mini/v1/borrowings": {"asset_id": "{asset_id}", **DAYS},
    "POST /mini/v1/hourly-borrowings": {
        "asset_id": "{asset_id}",
        "starts_at": "{soon}T09:00:00+08:00",
        "ends_at": "{soon}T10:00:00+08:00",
        "purpose": "视频会议",
    },
    "POST /mini/v1/borrowings/<borrowing_id>/renewal": {"to_day": "{later}", "reason": "展期延长"},
    "POST /mini/v1/borrowings/<borrowing_id>/renewal/withdrawal": REASON,
    "POST /mini/v1/assets/<asset_id>/accessories": {"accessories": [{"name": "遥控器", "pieces": 1}]},
    "POST /mini/v1/borrowings/<borrowing_id>/loss": LOSS,
    "POST /mini/v1/losses/<loss_id>/decision": {"decision": "保管不当", "amount_fen": 20_000},
    "POST /mini/v1/losses/<loss_id>/payments": {**RECEIPT, "amount_fen": 5_000},
    "POST /mini/v1/losses/<loss_id>/waiver": REASON,
    "POST /mini/v1/losses/<loss_id>/write-off": REASON,
    "POST /mini/v1/losses/<loss_id>/finding": FOUND,
    "POST /mini/v1/losses/<loss_id>/refunds": {**REFUND, "amount_fen": 5_000},
    "POST /mini/v1/occasions": EVENT,
    "POST /mini/v1/occasions/<occasion_id>/prolonging": PROLONGING,
    "POST /mini/v1/occasions/<occasion_id>/closing": CLOSING,
    "POST /mini/v1/comments/<kind>/<subject_id>": {"text": "已与会场说好"},
    "POST /mini/v1/approvals/<task_id>/return": {"opinion": "请写清楚用途"},
    "POST /mini/v1/borrowings/<borrowing_id>/correction": DAYS,
    "POST /mini/v1/borrowings/<borrowing_id>/renewal/correction": {"to_day": "{later}", "reason": "展期延长"},
    "POST /mini/v1/needs/<need_id>/correction": NEED_CORRECTION,
    "POST /mini/v1/basket": {"asset_id": "{asset_id}"},
    "POST /mini/v1/basket/removal": {"asset_id": "{asset_id}"},
    "POST /mini/v1/borrowings/<borrowing_id>/collection": {"way": "pickup", "day": "{today}", "half": "morning"},
    "POST /mini/v1/borrowings/<borrowing_id>/signing": {
        "kind": "issue",
        "other_name": "李晓梅",
        "keeper_name": "{my_name}",
    },
    "POST /mini/v1/baskets": {"lines": [{"asset_id": "{asset_id}"}], **DAYS},
    "POST /mini/v1/borrowings/<borrowing_id>/withdrawal": REASON,
    "POST /mini/v1/borrowings/<borrowing_id>/issue": {"code": "{asset_code}", "received_by": "李晓梅"},
    "POST /mini/v1/issues": {"code": "{asset_code}", "received_by": "李晓梅"},
    "POST /mini/v1/returns": {"code": "{asset_code}"},
    "POST /mini/v1/borrowings/<borrowing_id>/inspection": {"asset_id": "{asset_id}", "result": "intact"},
    "POST /mini/v1/borrowings/<borrowing_id>/damage-decision": {"decision": "送修", "to": "repair"},
}
FORMS: dict[str, Body] = {
    "POST /admin/listings/several": {
        "terms": "自取自还",
        "longest_days": "30",
        "reach": "city",
        "asset-0000000000000000": "1",
    },
    "POST /admin/approvals/several": {"choice-0000000000000000": "approve", "version-0000000000000000": "1"},
    "POST /wanted": {**WANTED, "quantity": "10", "days": "5", "term": "days", "reach": "city"},
    "POST /wanted/<wanted_id>/offers": {"words": "我单位有四张，可以借"},
    "POST /wanted/<wanted_id>/closing": {"result": "met", "note": "已借到"},
    "POST /admin/needs": {**NEED, "quantity": "2", "budget": "16000"},
    "POST /admin/needs/<need_id>/proof": {"search_id": "{search_id}"},
    "POST /admin/needs/<need_id>/withdrawal": REASON,
    "POST /admin/needs/<need_id>/meeting": {"how": "向区文广旅体局借用"},
    "POST /login": LOGIN,
    "POST /login/second-factor": {"code": "000000"},
    "POST /login/password": {"old_password": "x", "new_password": "y", "repeated_password": "z"},
    "POST /login/totp-setup": {},
    "POST /login/totp-setup/code": {"code": "000000"},
    "POST /switch-unit": {"unit_id": "{unit_id}"},
    "POST /preferences": {"theme": "dark"},
    "POST /me/delegations": DELEGATION,
    "POST /me/wechat/stop": {"template_id": "sandbox-template-borrowing"},
    "POST /admin/delegations": DELEGATION,
    "POST /approvals/<task_id>/decision": {"decision": "approve", "opinion": "同意"},
    "POST /admin/approvals/<task_id>/decision": {"decision": "approve", "opinion": "同意"},
    "POST /admin/assets": {**CARD, "value": "4599.00"},
    "POST /admin/assets/<asset_id>/correction": {
        **{name: value for name, value in CARD.items() if name not in {"category_code", "place_id"}},
        "version": "{version}",
        "value": "4599.00",
        "brand": "明基",
        "reason": "铭牌看错",
    },
    "POST /admin/assets/<asset_id>/move": {"place_id": "{my_shelf_id}", "reason": "腾库"},
    "POST /admin/assets/<asset_id>/custodian": {**REASON, "custodian_id": "{custodian_id}"},
    "POST /admin/assets/<asset_id>/clearing": {"method": "三次覆写", "document_no": "清2026-7"},
    "POST /admin/assets/<asset_id>/freezing": {"reason": "专项盘点", "document_no": "盘2026-1"},
    "POST /admin/assets/<asset_id>/unfreezing": {"reason": "盘点结束", "document_no": "盘2026-2"},
    "POST /admin/assets/<asset_id>/listing": {"terms": "自取自还", "longest_days": "30", "reach": "city"},
    "POST /admin/assets/<asset_id>/listing/closing": REASON,
    "POST /sharing/<listing_id>/apply": DAYS,
    "POST /sharing/<listing_id>/hours": {"day": "{soon}", "begins": "09:00", "ends": "10:00", "purpose": "视频会议"},
    "POST /sharing/<listing_id>/basket": {"quantity": "1"},
    "POST /basket/removal": {"asset_id": "{asset_id}"},
    "POST /basket/application": DAYS,
    "POST /searches": {"name": "投影仪", "here": "/sharing?q=投影仪", "notice": "1"},
    "POST /searches/<search_id>/removal": {},
    "POST /admin/synonyms/change": {
        "words": "投影仪 = {synonym}",
        "reason": "补充本地叫法",
        "based_on": "{version}",
    },
    "POST /borrowings/<borrowing_id>/withdrawal": REASON,
    "POST /borrowings/<borrowing_id>/collection": {"way": "pickup", "day": "{today}", "half": "morning"},
    "POST /comments/<kind>/<subject_id>": {"text": "已与会场说好"},
    "POST /borrowings/<borrowing_id>/correction": DAYS,
    "POST /borrowings/<borrowing_id>/renewal/correction": {"to_day": "{later}", "reason": "展期延长"},
    "POST /admin/needs/<need_id>/correction": {
        **{name: value for name, value in NEED_CORRECTION.items() if name != "budget_fen"},
        "quantity": "1",
        "budget": "7000",
    },
    "POST /borrowings/<borrowing_id>/renewal": {"to_day": "{later}", "reason": "展期延长"},
    "POST /borrowings/<borrowing_id>/renewal/withdrawal": REASON,
    "POST /admin/assets/<asset_id>/accessories": {"lines": "遥控器 1"},
    "POST /borrowings/<borrowing_id>/loss": LOSS,
    "POST /admin/loans/<borrowing_id>/loss": LOSS,
    "POST /admin/losses/<loss_id>/decision": {"decision": "保管不当", "amount": "200.00"},
    "POST /admin/losses/<loss_id>/payments": {**RECEIPT, "amount": "50.00"},
    "POST /admin/losses/<loss_id>/waiver": REASON,
    "POST /admin/losses/<loss_id>/write-off": REASON,
    "POST /admin/losses/<loss_id>/finding": FOUND,
    "POST /admin/losses/<loss_id>/refunds": {**REFUND, "amount": "50.00"},
    "POST /admin/occasions": EVENT,
    "POST /admin/occasions/<occasion_id>/prolonging": PROLONGING,
    "POST /admin/occasions/<occasion_id>/closing": CLOSING,
    "POST /admin/loans/<borrowing_id>/issuing": {"code": "{asset_code}", "received_by": "李晓梅"},
    "POST /admin/loans/<borrowing_id>/signing/<kind>": {"other_name": "李晓梅", "keeper_name": "{my_name}"},
    "POST /admin/loans/<borrowing_id>/taking-back": {"code": "{asset_code}"},
    "POST /admin/loans/<borrowing_id>/damage": {"decision": "送修", "to": "repair"},
    "POST /admin/desk/issue": {"code": "{asset_code}", "received_by": "李晓梅", "borrowing_id": "{borrowing_id}"},
    "POST /admin/desk/return": {"code": "{asset_code}"},
    "POST /admin/desk/inspection": {
        "code": "{asset_code}",
        "borrowing_id": "{borrowing_id}",
        "asset_id": "{asset_id}",
        "result": "intact",
    },
    "POST /admin/places": PLACE,
    "POST /admin/places below_site": {**PLACE, "parent_id": "{parent_id}"},
    "POST /admin/places below_warehouse": {**PLACE, "parent_id": "{parent_id}"},
    "POST /admin/places/<place_id>/correction": {"name": "改名后的场所", "address": "临平大道 2 号"},
    "POST /admin/places/<place_id>/keepers": {"person_id": "{keeper_id}"},
    "POST /admin/units/<parent_id>/units": {
        "code": "{unit_code}",
        "name": "{unit_name}",
        "short_name": "办事处",
        "kind": "public_institution",
        "region_code": "330113",
    },
    "POST /admin/standards/import": {
        "region_code": "{my_region_code}",
        "effective_on": "{today}",
        "source": "财资〔2016〕27号",
        "reason": "转发执行",
        "base_version": "0",
        "rows": STANDARD_ROWS,
    },
    "POST /admin/units/<unit_id>/headcount": {
        "authorised": "40",
        "staffed": "38",
        "as_of": "{today}",
        "basis": "编办〔2026〕3号",
        "is_confidential": "1",
    },
    "POST /admin/units/<unit_id>/renaming": {"name": "{unit_name}", "short_name": "办事处", **PAPER},
    "POST /admin/units/<unit_id>/correction": {
        "kind": "public_institution",
        "region_code": "330113",
        "version": "{version}",
        **REASON,
    },
    "POST /admin/units/<unit_id>/closing": PAPER,
    "POST /admin/units/<unit_id>/changes/<kind> merging": {"to_unit_id": "{to_unit_id}", **PAPER},
    "POST /admin/units/<unit_id>/changes/<kind> splitting": {
        "to_unit_id": "{to_unit_id}",
        "person_ids": "{person_id}",
        **PAPER,
    },
    "POST /admin/unit-changes/<change_id>/refusal": REASON,
    "POST /admin/unit-changes/<change_id>/withdrawal": REASON,
    "POST /admin/people": {"name": "钱文华", "unit_id": "{unit_id}", "title": "科员", "phone": "13805719999"},
    "POST /admin/people/<person_id>/posts": {"unit_id": "{my_branch_id}", "title": "兼职"},
    "POST /admin/people/<person_id>/posts/<post_id>/end": REASON,
    "POST /admin/imports": {},
    "POST /admin/imports/<import_id>/mapping": {
        "column-0": "item_name",
        "column-1": "value_fen",
        "column-2": "acquired_on",
        "column-3": "category_code",
        "default_place_id": "{default_place_id}",
        "default_condition": "good",
    },
    "POST /admin/imports/<import_id>/matches": {"text-0": "{odd}", "code-0": "A02020200"},
    "POST /admin/imports/<import_id>/rows": {"verdict": "new", "shown": "{row_id}", "row": "{row_id}"},
    "POST /admin/people/<person_id>/roles": {"post_id": "{post_id}", "role": "unit_accountant", **REASON},
    "POST /admin/people/<person_id>/posts/<post_id>/roles/<role>/revocation": REASON,
    "POST /admin/people/<person_id>/role-requests": {"post_id": "{post_id}", "role": "unit_accountant", **REASON},
    "POST /admin/role-requests/<request_id>/grant": {},
    "POST /admin/role-requests/<request_id>/refusal": {"note": "岗位不符"},
    "POST /admin/role-requests/<request_id>/withdrawal": {"note": "填错了"},
    "POST /admin/people/<person_id>/correction": {"name": "钱文化", **REASON},
    "POST /admin/people/<person_id>/personal-data": {"form": "page", **REASON},
    "POST /admin/people/<person_id>/erasure": {"extent": "contact", **REASON},
    "POST /admin/handovers/<handover_id>/receipt": {"signed_name": "{receiver_name}"},
    "POST /me/handovers/<handover_id>/receipt": {"signed_name": "{receiver_name}"},
    "POST /admin/people/<person_id>/disabling": {"reason": "退休"},
    "POST /admin/people/<person_id>/handover": {"to_person_id": "{colleague_id}", "note": "调离"},
    "POST /admin/policies/<kind>/change borrowing": {
        "region_code": "{my_region_code}",
        "base_version": "{version}",
        "reason": "按今年通知调整",
        "document_no": "余财资〔2026〕18号",
        "longest_days": "120",
        "most_renewals": "2",
        "collect_working_days": "3",
        "reminder_days": "-3, 0, 1",
        "booking_ahead_days": "365",
        "longest_event_days": "366",
        "compensation_days": "30",
        "write_off_review_yuan": "20000",
        "correction_working_days": "3",
        "comment_withdrawal_minutes": "10",
        "most_comment_pictures": "3",
        **STEP,
    },
    "POST /admin/policies/<kind>/change security": {
        "region_code": "{my_region_code}",
        "base_version": "{version}",
        "reason": "按等级保护要求调整",
        "document_no": "余网办〔2026〕3号",
        "web_session_hours": "10",
        "web_idle_minutes": "30",
        "mini_session_days": "30",
        "longest_login_delay_seconds": "900",
        "invitation_days": "7",
        "longest_delegation_days": "90",
        "least_password_length": "10",
    },
    "POST /admin/policies/<kind>/versions/<version_id>/cancellation": REASON,
    "POST /admin/calendar/load": {"source": "国务院办公厅通知", "days": "2027-01-01 休 元旦"},
}
# What comes as a file, and the field it comes in.
UPLOADS = {
    "POST /mini/v1/files": "file",
    "POST /admin/assets": "",
    "POST /admin/assets/<asset_id>/picture": "picture",
    "POST /admin/desk/inspection": "",
    "POST /borrowings/<borrowing_id>/loss": "",
    "POST /admin/loans/<borrowing_id>/loss": "",
    "POST /admin/imports": "file",
}
QUERIES: dict[str, Body] = {
    "GET /mini/v1/assets/<asset_id>/availability": {"month": "{month}"},
    "GET /mini/v1/assets/<asset_id>/hours": {"day": "{soon}"},
    "GET /mini/v1/scan": {"text": "ABCDEFGH"},
    "GET /admin/holdings/<unit_id>/cards/export": {"category": "A02010105"},
}
# What an address says besides ids.
WORDS = {"role": "borrower", "token": "ABCDEFGH", "kind": "sessions", "dictionary": "category"}


def filled(template: Any, facts: dict[str, str]) -> Any:
    """The body with the facts put in; `version` stays a number in JSON."""
    if isinstance(template, dict):
        return {name: filled(value, facts) for name, value in template.items()}
    if isinstance(template, list):
        return [filled(value, facts) for value in template]
    return template.format_map(facts) if isinstance(template, str) else template
