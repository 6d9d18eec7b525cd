"""Purchase needs and idle proofs at the desk, and the page behind a proof's code."""

import httpx

from server.identity.roles import Role
from server.kernel.reading import present_day
from tests.admin.conftest import Office
from tests.factories.circulation import make_listed_projector
from tests.factories.classification import make_standard
from tests.factories.identity import make_actor
from tests.factories.procurement import REGISTERED
from tests.storefront.visitor import Visitor

assert REGISTERED
TYPED = {
    "item": "投影仪",
    "category_code": "A02020200",
    "quantity": "2",
    "specification": "4000 流明以上",
    "purpose": "政务大厅培训室",
    "budget": "16,000.00",
}


async def test_need_goes_from_the_form_over_the_proof_to_the_decision(
    office: Office, client: httpx.AsyncClient
) -> None:
    await make_standard("330113")
    await make_listed_projector(office.hall.ledger)
    mine = office.approver
    page = await mine.get("/admin/needs/new")
    wrong = await mine.submit(page, "/admin/needs", **{**TYPED, "budget": "很多"}, needed_by=present_day().isoformat())
    assert wrong.status == 400 and "预算金额（合计）：金额请写成" in wrong.words
    done = await mine.submit(wrong, "/admin/needs", budget="16000")
    shown = await mine.follow(done)
    assert "投影仪 2 件" in shown.words and "待检索" in shown.words
    address = done.target
    refused = await mine.submit(shown, f"{address}/search")
    found = await mine.follow(refused)
    assert "匹配 2 件闲置资产" in found.words
    form = await mine.get(f"{address}/proof")
    # Two equal things of one holder: one reason for both.
    assert "1. 投影仪 爱普生 CB-X06 2 件" in form.words
    missing = await mine.submit(form, f"{address}/proof")
    assert missing.status == 400 and "第 1 项还没有选择不采用的理由" in missing.words
    vague = await mine.submit(missing, f"{address}/proof", reason_0="other")
    assert vague.status == 400 and "第 1 项选择了“其他”，请写明具体情况" in vague.words
    proven = await mine.follow(await mine.submit(vague, f"{address}/proof", words_0="亮度只有 3600 流明"))
    assert "已出具闲置证明 区文广旅体局闲证〔" in proven.words and "一致，没有改动过" in proven.words
    paper = await mine.get(f"{address}/proof.pdf")
    assert paper.answer.headers["content-type"] == "application/pdf"
    sent = await mine.follow(await mine.submit(proven, f"{address}/submission"))
    assert "区文广旅体局购需〔" in sent.words and "审批中" in sent.words
    checked = await Visitor(client).get(proven.link("打开核对页"))
    assert checked.status == 200 and "内容一致" in checked.words and "赵国强" not in checked.words
    assert (await Visitor(client).get("/proofs/0000000000000000")).status == 404


async def test_need_is_met_without_buying_when_something_idle_will_do(office: Office) -> None:
    mine = office.approver
    page = await mine.get("/admin/needs/new")
    done = await mine.submit(page, "/admin/needs", **TYPED, needed_by=present_day().isoformat())
    shown = await mine.follow(await mine.submit(await mine.follow(done), f"{done.target}/search"))
    assert f"/sharing/{office.hall.listing.id}" in shown.answer.text
    form = await mine.get(f"{done.target}/meeting")
    ended = await mine.follow(await mine.submit(form, f"{done.target}/meeting", how="向区卫健局借用"))
    assert "已调剂解决" in ended.words and "向区卫健局借用" in ended.words
    listed = await mine.get("/admin/needs?state=met")
    assert "投影仪" in listed.words
    assert (await office.lender.get(done.target)).status == 404


async def test_approver_sees_the_proof_where_the_decision_is_made(office: Office) -> None:
    borrower = office.borrower
    page = await borrower.get("/admin/needs/new")
    done = await borrower.submit(page, "/admin/needs", **TYPED, needed_by=present_day().isoformat())
    shown = await borrower.follow(await borrower.submit(await borrower.follow(done), f"{done.target}/search"))
    form = await borrower.get(f"{done.target}/proof")
    proven = await borrower.follow(await borrower.submit(form, f"{done.target}/proof", reason_0="quantity"))
    assert shown.status == 200
    await borrower.submit(proven, f"{done.target}/submission")
    tasks = await office.approver.get("/admin/approvals")
    task = await office.approver.get(tasks.link("购置 投影仪 2 件"))
    assert "闲置证明" in task.words and "逐件说明了理由" in task.words
    approved = await office.approver.submit(task, f"{task.answer.request.url.path}/decision", decision="approve")
    assert approved.status == 303
    assert "已批准购置" in (await borrower.get(done.target)).words


async def test_no_form_is_drawn_for_who_only_looks_on_or_comes_too_late(office: Office) -> None:
    page = await office.approver.get("/admin/needs/new")
    done = await office.approver.submit(page, "/admin/needs", **TYPED, needed_by=present_day().isoformat())
    await office.approver.submit(await office.approver.follow(done), f"{done.target}/search")
    reviewer = await make_actor("孔静", office.hall.ledger.city.culture, Role.UNIT_ACCOUNTANT)
    onlooker = await Visitor.of(office.lender.client, reviewer)
    assert (await onlooker.get(done.target)).status == 200
    forms = [f"{done.target}/{name}" for name in ("proof", "withdrawal", "meeting")]
    for address in forms:
        refused = await onlooker.get(address)
        assert (refused.status, "role.required" in refused.answer.text) == (403, True), address
        assert (await office.approver.get(address)).status == 200, address
    form = await office.approver.get(f"{done.target}/withdrawal")
    await office.approver.submit(form, f"{done.target}/withdrawal", reason="不买了")
    for address in forms:
        late = await office.approver.get(address)
        assert (late.status, "need.wrong_state" in late.answer.text) == (409, True), address
