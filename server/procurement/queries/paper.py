"""The idle proof (闲置证明) as PDF."""

from server.files.pdf import render_form
from server.files.types import Column, Form, FormTable
from server.kernel.actor import Actor
from server.kernel.errors import NotFound
from server.kernel.instants import SHANGHAI
from server.kernel.money import format_yuan
from server.kernel.reading import present, reading
from server.procurement.queries.needs import read_need
from server.procurement.types import JudgedHit, ProofView

_COLUMNS = (
    Column(title="序号", share=0.5, align="right"),
    Column(title="资产", share=2.2),
    Column(title="编号", share=2.2),
    Column(title="持有单位和地点", share=2.2),
    Column(title="成色", share=0.7),
    Column(title="不采用的理由", share=2.2),
)


async def proof_pdf(actor: Actor, need_id: str, site: str = "") -> bytes:
    """The proof that counts for a need within the actor's sight, as PDF bytes.

    `site`: the product's public address without a slash at the end; the verification code is `{site}/proofs/{id}`, or
    the proof's number where no address is known. Raises NotFound `need.not_found`, `proof.not_found`, and what
    `files.pdf` raises.
    """
    async with reading() as db:
        proof = (await read_need(db, actor, need_id)).proof
    if proof is None:
        raise NotFound("proof.not_found")
    return await render_form(_form(proof, f"{site}/proofs/{proof.id}" if site else proof.document.number))


def _form(proof: ProofView, qr_text: str) -> Form:
    it = proof.document
    searched, until = it.searched_at.astimezone(SHANGHAI), it.valid_until
    return Form(
        title="闲置资产检索证明",
        number=it.number,
        unit=it.unit_name,
        fields=(
            ("拟购置", f"{it.need.item} {it.need.quantity} 件（{it.need.category_name} {it.need.category_code}）"),
            ("规格要求", it.need.specification),
            ("预算金额", f"{format_yuan(it.need.budget_fen)} 元"),
            (
                "检索时间",
                f"{searched.year}年{searched.month}月{searched.day}日 {searched:%H:%M}，{it.searched_by_name}",
            ),
            ("检索条件", f"分类 {it.query.category_name}，或名称含“{it.query.item}”"),
            ("检索范围", f"{it.query.scope}，当时共 {it.query.board_count} 件"),
            ("检索结果", f"匹配 {len(it.hits)} 件，逐件写明理由如下" if it.hits else "没有匹配的闲置资产"),
            ("有效期", f"至 {until.year}年{until.month}月{until.day}日"),
            ("出具人", it.issued_by_name),
            ("内容校验值", proof.hash),
        ),
        table=FormTable(columns=_COLUMNS, rows=tuple(_row(row, hit) for row, hit in enumerate(it.hits, start=1)))
        if it.hits
        else None,
        qr_text=qr_text,
        signatures=("经办人", "单位资产管理员", "单位负责人"),
        note="扫描二维码可核对编号和内容校验值；两者与纸面不一致的，以系统记录为准。",
        printed_at=present(),
        footer=it.number,
    )


def _row(row: int, judged: JudgedHit) -> tuple[str, ...]:
    hit = judged.hit
    reason = f"{judged.reason_name}：{judged.words}" if judged.words else judged.reason_name
    return (str(row), hit.name, hit.code, f"{hit.holder_unit_name}，{hit.place_name}", hit.condition_name, reason)
