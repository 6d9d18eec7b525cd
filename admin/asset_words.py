"""A card in words: its state, its facts, its history."""

from server.assets.standing import Standing
from server.assets.types import AssetView, EventView
from server.web.formats import day, exact, yuan
from server.web.parts import Badge, Event, Fact, Tone

TONES: dict[str, Tone] = {
    "registered": "neutral",
    "in_store": "ok",
    "in_use": "ok",
    "on_loan": "accent",
    "return_inspection": "warn",
    "in_repair": "warn",
    "scrap_proposed": "warn",
    "disposal": "warn",
    "disposed": "neutral",
    "lost": "bad",
}


def asset_badges(card: AssetView, *, is_listed: bool, standing: Standing | None = None) -> tuple[Badge, ...]:
    """The state, and the facts beside it."""
    badges = [Badge(card.state_name, TONES.get(card.state, "neutral"))]
    if card.frozen_reason is not None:
        badges.append(Badge("已冻结", "bad", "lock"))
    if is_listed:
        badges.append(Badge("共享中", "accent", "store"))
    if card.is_classified:
        badges.append(Badge("涉密", "warn", "shield"))
    if card.is_storage_medium:
        badges.append(Badge("存储介质" if card.cleared_at is None else "存储介质，已清除", "info", "hard-drive"))
    if standing is not None and standing.is_over_ceiling:
        badges.append(Badge("超过价格上限", "warn", "triangle-alert"))
    return tuple(badges)


def asset_facts(card: AssetView) -> tuple[Fact, ...]:
    """What it is, whose, who has it, where."""
    facts = [
        Fact("资产编号", card.code, is_code=True),
        Fact("分类", f"{card.category_name}（{card.category_code}）"),
        Fact("品牌型号", f"{card.brand} {card.model}".strip() or "—"),
        Fact("规格", card.specification or "—"),
        Fact("新旧程度", card.condition_name),
        Fact("权属单位", card.owner_unit_name),
        Fact("持有单位", card.holder_unit_name),
        Fact("保管人", card.custodian_name or "未指定"),
        Fact("存放地点", card.place_name),
    ]
    if card.lent_to_unit_name:
        facts.append(Fact("借给", card.lent_to_unit_name))
    if card.frozen_reason is not None:
        facts.append(Fact("冻结原因", card.frozen_reason))
    if card.cleared_at is not None:
        facts.append(Fact("数据清除", exact(card.cleared_at)))
    return tuple(facts)


def money_facts(card: AssetView) -> tuple[Fact, ...]:
    """What the accounts know of it."""
    return (
        Fact("账面原值", yuan(card.value_fen)),
        Fact("取得日期", day(card.acquired_on)),
        Fact("财政一体化卡片号", card.finance_card_no or "未填写", is_code=card.finance_card_no is not None),
        Fact("建卡", exact(card.created_at)),
        Fact("标签", f"第 {card.label_serial} 张有效" if card.label_serial else "未打印"),
    )


def standing_facts(standing: Standing) -> tuple[Fact, ...]:
    """What the allocation standard says of it."""
    facts = [Fact("标准项目", standing.name)]
    if standing.ceiling_fen is not None:
        facts.append(Fact("价格上限", f"{yuan(standing.ceiling_fen)}{_price_words(standing)}"))
    if standing.serves_until is not None:
        facts.append(Fact("最低使用年限", f"{standing.min_years} 年{_service_words(standing)}"))
    facts.append(Fact("依据", f"{standing.source}（{standing.region_name}，{standing.evidence_name}）"))
    return tuple(facts)


def _price_words(standing: Standing) -> str:
    if standing.is_over_ceiling:
        return "，这一件超过上限"
    return "，这一件只能按较高级别配置" if standing.is_for_higher_grade else ""


def _service_words(standing: Standing) -> str:
    assert standing.serves_until is not None
    if standing.is_too_early_to_scrap:
        return f"，{day(standing.serves_until)}前报废须说明理由"
    return f"，{day(standing.serves_until)}已满"


def events_of(events: list[EventView]) -> tuple[Event, ...]:
    """The history, newest first."""
    ordered = sorted(events, key=lambda event: event.id, reverse=True)
    return tuple(Event(event.kind_name, event.at, _who(event), _detail(event)) for event in ordered)


def _who(event: EventView) -> str:
    return f"{event.actor_name}（{event.unit_name}）" if event.unit_name else event.actor_name


def _detail(event: EventView) -> str:
    changes = [
        f"{change.name}：{change.before} → {change.after or '无'}"
        if change.before
        else f"{change.name}：{change.after}"
        for change in event.changes
        # The first event tells the whole card, which stands above it.
        if event.kind != "registered"
    ]
    document = [f"文号 {event.document_no}"] if event.document_no else []
    return "；".join([*([event.reason] if event.reason else []), *document, *changes])
