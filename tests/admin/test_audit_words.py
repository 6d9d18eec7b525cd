"""What the audit's pages call the facts that commands record."""

import ast
from pathlib import Path

from admin.audit_words import FACT_NAMES, actor_name, fact_words, recorded_facts, told_facts
from admin.words import subject_name

SERVER = Path(__file__).resolve().parents[2] / "server"


def test_every_fact_has_a_name_when_a_command_records_it():
    recorded = {
        keyword.arg
        for path in SERVER.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "record"
        for keyword in node.keywords
        if keyword.arg not in {None, "outcome"}  # how it ended is no fact but a column
    }
    assert len(recorded) > 40
    assert recorded - set(FACT_NAMES) == set()


def test_everything_that_is_decided_has_a_name():
    named = {
        node.value.value: str(path)
        for path in SERVER.rglob("*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        if [target.id for target in node.targets if isinstance(target, ast.Name)] == ["SUBJECT"]
    }
    assert {"borrowing", "renewal", "write_off", "purchase_need"} <= set(named)
    assert {kind for kind in named if subject_name(kind) == kind} == set()


def test_facts_are_words_when_the_record_holds_codes():
    assert fact_words("value_fen", 123450) == "1,234.50 元"
    assert fact_words("role", "asset_manager") == "单位资产管理员"
    assert fact_words("is_last", False) == "否"
    assert fact_words("on_behalf_of", None) == "无"
    assert fact_words("channel", "api") == "手机客户端"
    assert fact_words("people", ["0123456789abcdef"], {"0123456789abcdef": "王芳"}) == "王芳"
    assert (
        fact_words("reason", "电话 13812345678，身份证 330106199001011234") == "电话 138****5678，身份证 330106****1234"
    )
    assert actor_name("system", "circulation") == "系统（借用到期检查）"
    assert actor_name("person", "") == "未登录"


def test_what_changed_stands_first_from_what_into_what():
    labels = {"0123456789abcdef": "一楼库房"}
    told = recorded_facts({"before": "0123456789abcdef", "after": "fedcba9876543210", "reason": "腾库"}, labels)
    assert [(fact.term, fact.value) for fact in told] == [
        ("变更", "一楼库房 → fedcba9876543210"),
        ("理由", "腾库"),
    ]
    assert told_facts({"task_id": "fedcba9876543210", "on_behalf_of": None, "step": "初审"}, labels) == "步骤 初审"
    assert told_facts({"unit_id": "0123456789abcdef"}, labels) == "单位 一楼库房"
    told = recorded_facts({"before": {"brand": "明基", "model": "A"}, "after": {"brand": "爱普生", "model": "A"}}, {})
    assert [(fact.term, fact.value) for fact in told] == [("品牌", "明基 → 爱普生")]
