"""The proof as a paper: it never changes, its hash and the audit chain say so, and anybody can compare it."""

from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from server.kernel.actor import system_actor
from server.kernel.reading import reading
from server.kernel.unit_of_work import unit_of_work
from server.procurement.commands import issue_proof, search_idle
from server.procurement.queries import need_view, proof_facts, proof_pdf
from server.procurement.queries.proofs import hash_of
from server.procurement.verification import verify_proofs
from tests.factories.circulation import Hall, make_listed_projector
from tests.factories.procurement import make_need, refusals_of
from tests.identity.asking import refusal_code


async def tamper(sql: str, *values: object) -> None:
    async with unit_of_work(system_actor("test")) as uow:
        assert await uow.execute(sql, *values) == 1


async def test_proof_stays_as_it_was_when_the_thing_the_unit_and_the_board_change(hall: Hall) -> None:
    view = await make_need(hall.borrower, until="proven")
    assert view.proof is not None
    before = view.proof
    await tamper("UPDATE asset_listing SET name = '改了名' WHERE id = ?", hall.listing.id)
    await tamper("UPDATE unit SET name = '改了名的局' WHERE id = ?", hall.borrower.unit_id)
    await make_listed_projector(hall.ledger)
    again = await search_idle(hall.borrower, view.id)
    assert again.search is not None and len(again.search.hits) == 2
    assert again.proof == before
    newer = await issue_proof(hall.borrower, view.id, refusals_of(again))
    assert newer.proof is not None and newer.proof.id != before.id
    # The older one is still there, as it was.
    assert (await proof_facts(before.id)).hash == before.hash
    assert await verify_proofs() == []


@pytest.mark.parametrize(
    ("sql", "sentence"),
    [
        ("UPDATE idle_proof SET document = REPLACE(document, '规格', '型号')", "内容被改动过"),
        ("UPDATE idle_proof SET number = '区文广旅体局闲证〔2026〕2号'", "与内容不一致"),
        ("UPDATE idle_proof SET valid_until = 20991231", "与内容不一致"),
    ],
)
async def test_change_is_found_when_somebody_alters_a_stored_proof(hall: Hall, sql: str, sentence: str) -> None:
    await make_need(hall.borrower, until="proven")
    assert await verify_proofs() == []
    await tamper(sql)
    found = await verify_proofs()
    assert found and sentence in found[0]


async def test_change_is_found_when_content_and_hash_are_altered_together(hall: Hall) -> None:
    view = await make_need(hall.borrower, until="proven")
    assert view.proof is not None
    async with reading() as db:
        row = await db.fetch_one("SELECT document FROM idle_proof WHERE id = ?", view.proof.id)
    assert row is not None
    forged = row["document"].replace("规格性能", "价格性能")
    await tamper("UPDATE idle_proof SET document = ?, hash = ? WHERE id = ?", forged, hash_of(forged), view.proof.id)
    # Anybody's comparison would be satisfied; the audit chain is not.
    assert (await proof_facts(view.proof.id)).is_intact
    assert [fault.split("：")[1] for fault in await verify_proofs()] == ["闲置证明的校验值与审计记录不一致"]


async def test_gap_is_found_when_a_proof_was_taken_away(hall: Hall) -> None:
    first = await make_need(hall.borrower, until="proven")
    await make_need(hall.borrower, until="proven")
    assert first.proof is not None
    await tamper("DELETE FROM idle_proof WHERE id = ?", first.proof.id)
    assert "编号不连续" in (await verify_proofs())[0]


async def test_paper_says_everything_when_printed(hall: Hall) -> None:
    view = await make_need(hall.borrower, until="proven")
    assert view.proof is not None
    content = await proof_pdf(hall.approver, view.id, "https://gwc.example")
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages).replace("\n", "")
    for words in (
        view.proof.document.number,
        view.proof.hash[:20],
        "投影仪 2 件",
        hall.projector.code,
        "规格性能不符合需要",
    ):
        assert words in text
    assert await refusal_code(proof_pdf(hall.lender, view.id)) == "need.not_found"
    bare = await make_need(hall.borrower)
    assert await refusal_code(proof_pdf(hall.borrower, bare.id)) == "proof.not_found"


async def test_code_shows_no_person_to_whoever_has_the_paper(hall: Hall) -> None:
    view = await make_need(hall.borrower, until="proven")
    assert view.proof is not None
    facts = await proof_facts(view.proof.id)
    assert (facts.hash, facts.hit_count, facts.is_intact) == (view.proof.hash, 1, True)
    assert hall.borrower.person_name not in repr(facts)
    assert await refusal_code(proof_facts("0000000000000000")) == "proof.not_found"


async def test_altered_proof_is_called_so_where_it_is_shown(hall: Hall) -> None:
    view = await make_need(hall.borrower, until="proven")
    assert view.proof is not None
    await tamper("UPDATE idle_proof SET document = REPLACE(document, '规格', '型号') WHERE id = ?", view.proof.id)
    assert not (await proof_facts(view.proof.id)).is_intact
    shown = await need_view(hall.borrower, view.id)
    assert shown.proof is not None and not shown.proof.is_intact


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=200), st.data())
def test_hash_is_another_when_one_character_is(text: str, data) -> None:
    place = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.characters(exclude_characters=text[place], exclude_categories=("Cs",)))
    assert hash_of(text) == hash_of(str(text))
    assert hash_of(text[:place] + letter + text[place + 1 :]) != hash_of(text)
