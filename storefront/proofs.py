"""What the code on an idle proof leads to: enough to compare with the paper, for anybody who has it."""

from sanic import HTTPResponse, Request

from server.procurement.queries import proof_facts
from server.web.formats import exact
from server.web.parts import Badge, Fact
from server.web.routes import Access
from storefront.surround import door


@door.get("/proofs/<proof_id>", summary="核对闲置证明", access=Access.PUBLIC)
async def check_proof(request: Request, proof_id: str) -> HTTPResponse:
    """The number, what was searched for, and whether the content is what it was."""
    it = await proof_facts(proof_id)
    until = it.valid_until
    return await door.draw(
        request,
        "storefront/proof.html",
        it=it,
        badge=Badge("内容一致", "ok") if it.is_intact else Badge("内容被改动过", "bad"),
        facts=(
            Fact("编号", it.number, is_code=True),
            Fact("出具单位", it.unit_name),
            Fact("拟购置", f"{it.item} {it.quantity} 件"),
            Fact("检索时间", exact(it.searched_at)),
            Fact("匹配的闲置资产", f"{it.hit_count} 件" if it.hit_count else "没有"),
            Fact("有效期", f"至 {until.year}年{until.month}月{until.day}日"),
            Fact("内容校验值", it.hash, is_code=True),
        ),
    )
