"""A purchase need in words: its state, its facts, what the search found, its proof."""

from admin.pictures import picture_of
from admin.progress import chain_steps
from server.circulation.types import IdleHit
from server.kernel.reading import present_day
from server.procurement.states import STATE_NAMES
from server.procurement.types import NeedRow, NeedView
from server.web.formats import day, exact, yuan
from server.web.parts import Badge, Card, Cell, Column, Fact, Row, Step, Tone

TONES: dict[str, Tone] = {
    "draft": "neutral",
    "submitted": "info",
    "approved": "ok",
    "rejected": "bad",
    "withdrawn": "neutral",
    "met": "accent",
}
STATE_TABS = {"": "全部", **{str(state): name for state, name in STATE_NAMES.items()}}
COLUMNS = (
    Column("要购置什么"),
    Column("编号", is_nowrap=True),
    Column("数量", is_number=True),
    Column("预算", is_number=True),
    Column("状态"),
    Column("单位与人"),
    Column("最晚要用", is_nowrap=True),
)


JUDGED_COLUMNS = (
    Column("资产"),
    Column("编号", is_nowrap=True),
    Column("持有单位"),
    Column("成色"),
    Column("不采用的理由"),
)


def need_badge(state: str, name: str) -> Badge:
    """The state."""
    return Badge(name, TONES[state])


def need_row(row: NeedRow) -> Row:
    """One line of the list."""
    return Row(
        (
            Cell(row.item, f"/admin/needs/{row.id}"),
            Cell(row.number or "未提交"),
            Cell(str(row.quantity)),
            Cell(yuan(row.budget_fen)),
            Cell(badge=need_badge(row.state, row.state_name)),
            Cell(f"{row.unit_name} {row.applicant_name}"),
            Cell(day(row.needed_by)),
        )
    )


def need_facts(view: NeedView) -> tuple[Fact, ...]:
    """What is to be bought, by whom, for how much."""
    facts = [
        Fact("编号", view.number or "提交后编号", is_code=view.number is not None),
        Fact("要购置", f"{view.item} {view.quantity} 件"),
        Fact("品目", f"{view.category_name}（{view.category_code}）"),
        Fact("规格要求", view.specification),
        Fact("用途", view.purpose),
        Fact("预算合计", yuan(view.budget_fen)),
        Fact("最晚要用", day(view.needed_by)),
        Fact("提出人", f"{view.applicant_name}，{view.unit_name}"),
        Fact("应急事由", view.emergency_reason),
        Fact("闲置证明", view.exemption_name),
        Fact("结果", view.end_note or ""),
    ]
    return tuple(fact for fact in facts if fact.value)


def hit_cards(view: NeedView) -> tuple[Card, ...]:
    """What the latest search found, each with the way to borrow it."""
    return tuple(_card(hit) for hit in view.search.hits) if view.search else ()


def _card(hit: IdleHit) -> Card:
    picture = picture_of(None, hit.category_code)
    return Card(
        href=f"/sharing/{hit.listing_id}",
        name=hit.name,
        picture=picture,
        place=f"{hit.region_name} · {hit.place_name}",
        condition=hit.condition_name,
        owner=hit.holder_unit_name,
        state=Badge("今天可借", "ok")
        if hit.free_from <= present_day()
        else Badge(f"{day(hit.free_from)}起可借", "warn", "calendar-clock"),
        is_illustration=True,
    )


def proof_facts_of(view: NeedView) -> tuple[Fact, ...]:
    """The proof that counts."""
    if view.proof is None:
        return ()
    it = view.proof.document
    return (
        Fact("编号", it.number, is_code=True),
        Fact("检索", f"{exact(it.searched_at)}，{it.searched_by_name}，当时大厅共 {it.query.board_count} 件"),
        Fact("结果", f"匹配 {len(it.hits)} 件，逐件说明了理由" if it.hits else "没有匹配的闲置资产"),
        Fact("出具", f"{exact(it.issued_at)}，{it.issued_by_name}"),
        Fact("有效期", f"至 {day(it.valid_until)}" + ("" if view.proof.is_fresh else "，已过期")),
        Fact("内容校验", "一致，没有改动过" if view.proof.is_intact else "不一致，内容被改动过"),
        Fact("核对页", "打开核对页", f"/proofs/{view.proof.id}"),
    )


def judged_rows(view: NeedView) -> tuple[Row, ...]:
    """What was found when it was proven, and why each was not taken."""
    if view.proof is None:
        return ()
    return tuple(
        Row(
            (
                Cell(each.hit.name),
                Cell(each.hit.code),
                Cell(each.hit.holder_unit_name),
                Cell(each.hit.condition_name),
                Cell(f"{each.reason_name}：{each.words}" if each.words else each.reason_name),
            )
        )
        for each in view.proof.document.hits
    )


def need_steps(view: NeedView) -> tuple[Step, ...]:
    """From the search over the proof to the approvals."""
    search, proof = view.search, view.proof
    steps = [Step("提出需求", "done", view.applicant_name, view.created_at)]
    if view.exemption_name and proof is None:
        steps.append(Step(view.exemption_name, "done"))
    else:
        steps.append(
            Step("检索闲置资产", "done", search.searched_by_name, search.searched_at)
            if search
            else Step("检索闲置资产", "current")
        )
        steps.append(
            Step("出具闲置证明", "done", proof.document.issued_by_name, proof.document.issued_at)
            if proof
            else Step("出具闲置证明", "current" if search else "todo")
        )
    steps += chain_steps(view.chain)
    if view.state in {"withdrawn", "met"}:
        steps.append(Step(view.state_name, "done" if view.state == "met" else "refused", note=view.end_note or ""))
    return tuple(steps)
