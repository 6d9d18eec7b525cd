"""The demo's city, with what its story leaves out, and somebody signed in for every account."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from server import wiring
from server.approvals.commands import return_task
from server.approvals.queries import waiting_task_for
from server.approvals.types import ReturnTask
from server.assets.commands import freeze_asset
from server.assets.types import FreezeAsset
from server.circulation.commands import inspect_return, renew_borrowing, return_by_code
from server.circulation.losses.commands import decide_loss, record_payment, report_found, report_loss
from server.circulation.losses.types import DecideLoss, RecordPayment, ReportFound, ReportLoss
from server.circulation.queries import borrowing_view
from server.circulation.types import InspectReturn, RenewBorrowing, ReturnByCode
from server.demo import run_demo
from server.files.commands import store_picture
from server.files.types import Visibility
from server.identity.commands import Delegate, delegate, invite_person
from server.identity.limits import limits_for
from server.identity.models import Session
from server.identity.queries import session_for_token
from server.identity.roles import Role
from server.identity.sessions import MINI, WEB, new_token, open_session
from server.kernel.actor import Actor, system_actor
from server.kernel.instants import shanghai_day
from server.kernel.reading import reading
from server.kernel.unit_of_work import unit_of_work
from server.opening import opened
from server.settings import Settings
from tests.factories.ledgers import HEADINGS, checked, imported, upload, workbook
from tests.miniapp_api.pictures import a_picture

# The asset that the demo has lent to 陈宇 and that comes back damaged here; the one that is frozen.
DAMAGED, FROZEN = "会议椅", "展架"
# Rows of ledgers, under `HEADINGS`: a good one, then what goes wrong in real ones.
CARD = ("330113-0088", "投影仪", "爱普生", "CB-X06", "A02020200", 4599, "2024-03-18", "", "")
UGLY = (
    ("330113-0089", "会议桌", "", "3.6 米", "", "1,280.00", "2019年6月", "", ""),
    ("330113-0090", "旧式幻灯机", "", "", "", 300, "2003-01-01", "地下室杂物间", ""),
    ("330113-0090", "办公椅", "", "", "A05010301", -1, "2023-02-30", "", "王某某"),
    ("", "合计", "", "", "", 6379, "", "", ""),
)


@dataclass(frozen=True, slots=True)
class World:
    """Tokens by login name: `tokens` of web sessions, `phones` of the mini-program's; `ids`: rows by what they are."""

    tokens: dict[str, str]
    phones: dict[str, str]
    ids: dict[str, str]


async def make_world(environment: Mapping[str, str]) -> World:
    """Enter the demo into the empty tables that `environment` names, and find what pages are about."""
    settings = Settings.from_environment(environment)
    await run_demo(settings)
    wiring.wire(settings)
    async with opened(settings):
        tokens, phones = await _sign_everybody_in(WEB), await _sign_everybody_in(MINI)
        actors = {login: await _actor_of(token) for login, token in tokens.items()}
        await _damage(actors["zhengqi"])
        await _find_again(actors["hejie"], actors["zhengqi"])
        await _go_on(actors)
        await _send_back(actors)
        ids = {**await _bring_ledgers(actors["zhouwei"]), **await _ids()}
        invitation = await invite_person(system_actor("test"), ids["borrower"])
        return World(tokens, phones, {**ids, "invitation": invitation.code})


async def _sign_everybody_in(channel: str) -> dict[str, str]:
    async with reading() as rows:
        people = await rows.fetch_all(
            "SELECT p.login_name, p.id, t.unit_id FROM person p JOIN post t ON t.person_id = p.id"
        )
    return {row["login_name"]: await _signed_in(row["id"], row["unit_id"], channel) for row in people}


async def _signed_in(person_id: str, unit_id: str, channel: str) -> str:
    """A session as it is after every factor was given."""
    made = new_token()
    async with unit_of_work(system_actor("test")) as uow:
        limits = await limits_for(uow, "")
        await open_session(
            uow, made, person_id=person_id, unit_id=unit_id, channel=channel, user_agent="test", limits=limits
        )
        await uow.change(Session, {"id": made.id}, has_second_factor=True)
    return made.token


async def _actor_of(token: str) -> Actor:
    facts = await session_for_token(token, "test")
    assert facts is not None
    return facts.actor


async def _damage(keeper: Actor) -> None:
    """One loan has come back broken and waits for a decision."""
    async with reading() as rows:
        line = await rows.fetch_one(
            "SELECT l.asset_id, c.code FROM borrowing b JOIN borrowing_line l ON l.borrowing_id = b.id"
            " JOIN asset_card c ON c.id = l.asset_id JOIN person p ON p.id = b.applicant_id"
            " WHERE b.state = 'issued' AND p.login_name = 'chenyu' AND c.name LIKE ?",
            f"%{DAMAGED}%",
        )
    assert line is not None
    returned = await return_by_code(keeper, ReturnByCode(line["code"]))
    picture = await store_picture(keeper, a_picture(), "靠背.jpg", Visibility.UNIT)
    found = InspectReturn(returned.id, line["asset_id"], "damaged", "两把椅子靠背开裂", picture.id)
    await inspect_return(keeper, found)


async def _find_again(borrower: Actor, keeper: Actor) -> None:
    """One of many was lost, paid for in part, and found again: its money can be paid back."""
    async with reading() as rows:
        loan = await rows.fetch_one(_LOAN, "hejie", "%会议椅%")
        line = await rows.fetch_one(
            "SELECT asset_id FROM borrowing_line WHERE borrowing_id = ? AND issued_at IS NOT NULL"
            " AND returned_at IS NULL AND lost_at IS NULL ORDER BY id LIMIT 1",
            "" if loan is None else loan["id"],
        )
    assert loan is not None and line is not None
    lost = ReportLoss(borrowing_id=loan["id"], asset_id=line["asset_id"], explanation="装车时少了一把")
    case = await report_loss(borrower, lost)
    await decide_loss(keeper, DecideLoss(loss_id=case.id, decision="按重置价赔偿", amount_fen=32_000))
    today = shanghai_day(datetime.now(UTC))
    paid = RecordPayment(loss_id=case.id, receipt_no="临财0007", paid_on=today, amount_fen=20_002)
    await record_payment(keeper, paid)
    await report_found(keeper, ReportFound(loss_id=case.id, condition="good", note="在学校仓库找到"))


async def _go_on(actors: dict[str, Actor]) -> None:
    """A frozen card, and somebody's holiday."""
    async with reading() as rows:
        card = await rows.fetch_one("SELECT id FROM asset_card WHERE name LIKE ? ORDER BY id LIMIT 1", f"%{FROZEN}%")
        person = await rows.fetch_one("SELECT id FROM person WHERE login_name = 'wufang'")
    assert card is not None and person is not None
    stop = FreezeAsset(asset_id=card["id"], reason="区审计局专项核查", document_no="余审通〔2026〕31号")
    await freeze_asset(actors["hukai"], stop)
    today = shanghai_day(datetime.now(UTC))
    days = (today, today + timedelta(days=3))
    await delegate(actors["zhouwei"], Delegate(person["id"], Role.ASSET_MANAGER, *days, "赴外地参加业务培训"))


async def _send_back(actors: dict[str, Actor]) -> None:
    """A renewal and a need that wait for their applicants to correct them."""
    async with reading() as rows:
        loan = await rows.fetch_one(_LOAN, "chenyu", "%3D打印机%")
        need = await rows.fetch_one("SELECT id FROM purchase_need WHERE state = 'submitted'")
    assert loan is not None and need is not None
    view = await borrowing_view(actors["chenyu"], loan["id"])
    wanted = RenewBorrowing(view.id, view.to_day + timedelta(days=3), "作品还没打完")
    renewal = (await renew_borrowing(actors["chenyu"], wanted)).renewals[-1]
    for kind, subject_id in (("renewal", renewal.id), ("purchase_need", need["id"])):
        await _return(actors, kind, subject_id)


async def _return(actors: dict[str, Actor], kind: str, subject_id: str) -> None:
    for actor in actors.values():
        task = await waiting_task_for(actor, kind, subject_id)
        if task is not None:
            await return_task(actor, ReturnTask(task.id, "请写清楚用途和数量"))
            return
    raise AssertionError(kind)


async def _bring_ledgers(manager: Actor) -> dict[str, str]:
    """Ledgers of a manager's unit: imported, to be looked through, to be mapped, and one that is none."""
    async with reading() as rows:
        place = await rows.fetch_one("SELECT id FROM place WHERE unit_id = ? ORDER BY id LIMIT 1", manager.unit_id)
    assert place is not None
    done = await imported(manager, workbook([HEADINGS, CARD]), place["id"])
    changed = (CARD[0], CARD[1], "明基", *CARD[3:5], 5200, *CARD[6:])
    ready = await checked(manager, workbook([HEADINGS, changed, *UGLY]), place["id"])
    mapping = await upload(manager, workbook([("东西叫什么", *HEADINGS[2:]), CARD[1:]]), "乡镇报送.xlsx")
    refused = await upload(manager, b"<html><table></table></html>", "导出.xls")
    found = {"done": done.id, "ready": ready.id, "mapping": mapping, "refused": refused}
    return {f"{state}_import": import_id for state, import_id in found.items()}


_LOAN = (
    "SELECT b.id, b.state FROM borrowing b JOIN borrowing_line l ON l.borrowing_id = b.id"
    " JOIN asset_card c ON c.id = l.asset_id JOIN person p ON p.id = b.applicant_id"
    " WHERE p.login_name = ? AND c.name LIKE ? ORDER BY b.id DESC"
)
_TASK = (
    "SELECT t.id FROM approval_task t JOIN approval_chain c ON c.id = t.chain_id JOIN borrowing b"
    " ON b.id = c.subject_id JOIN person p ON p.id = b.applicant_id"
    " WHERE t.state = 'pending' AND p.login_name = ? ORDER BY t.id DESC"
)
_LABEL = (
    "SELECT t.token AS id FROM asset_label t JOIN asset_card c ON c.id = t.asset_id JOIN place p ON p.id = c.place_id"
    " WHERE t.voided_at IS NULL AND p.code = ? AND c.state = 'in_store' ORDER BY t.id"
)
# A projector of the district's warehouse that nobody has asked for.
_PROJECTOR = (
    "SELECT %s AS id FROM asset_listing a WHERE a.name LIKE ? AND a.is_open = 1"
    " AND NOT EXISTS (SELECT 1 FROM asset_day d WHERE d.asset_id = a.asset_id) ORDER BY a.id"
)
_LISTABLE = (
    "SELECT c.id FROM asset_card c JOIN unit u ON u.id = c.holder_unit_id WHERE u.code = ? AND c.state = 'in_use'"
    " AND NOT EXISTS (SELECT 1 FROM asset_listing a WHERE a.open_key = c.id) ORDER BY c.id"
)
# What each id is found by. Names are the demo's.
_QUERIES: dict[str, tuple[str, tuple[str, ...]]] = {
    "submitted": (_LOAN, ("chenyu", "%投影仪%")),
    "listable": (_LISTABLE, ("330113WG",)),
    "waiting": (_LOAN, ("tangyi", "%移动照明灯塔%")),
    "approved": (_LOAN, ("wufang", "%发电机%")),
    "sent_back": (_LOAN, ("tangyi", "%摄录一体机%")),
    "corrected": (_LOAN, ("hejie", "%空气净化器%")),
    "renewal_sent_back": (_LOAN, ("chenyu", "%3D打印机%")),
    "need_sent_back": ("SELECT id FROM purchase_need WHERE is_returned = 1", ()),
    "renewing": (_LOAN, ("tangyi", "%折叠会议桌%")),
    "renewal": ("SELECT id FROM borrowing_renewal WHERE state = 'pending' ORDER BY id", ()),
    "many": (_LOAN, ("hejie", "%会议椅%")),
    "overdue": (_LOAN, ("wufang", "%帐篷%")),
    "closed": (_LOAN, ("chenyu", "%数字照相机%")),
    "damaged": (_LOAN, ("chenyu", f"%{DAMAGED}%")),
    "projector": (_PROJECTOR.replace("%s", "a.id"), ("投影仪 爱普生%",)),
    "projector_card": (_PROJECTOR.replace("%s", "a.asset_id"), ("投影仪 爱普生%",)),
    "projector_code": (_PROJECTOR.replace("%s", "a.code"), ("投影仪 爱普生%",)),
    "listing": (
        "SELECT a.id FROM asset_listing a JOIN asset_card c ON c.id = a.asset_id WHERE c.name LIKE ? ORDER BY a.id",
        ("%3D打印机%",),
    ),
    "by_the_hour": ("SELECT id FROM asset_listing WHERE slot_minutes IS NOT NULL AND is_open = 1 ORDER BY id", ()),
    "photographed": ("SELECT asset_id AS id FROM borrowing_line WHERE inspection_picture_id IS NOT NULL", ()),
    "card": ("SELECT id FROM asset_card WHERE name LIKE ? ORDER BY id", ("%数字照相机%",)),
    "unlisted": ("SELECT id FROM asset_card WHERE name LIKE ? ORDER BY id", ("%卫星电话%",)),
    "listed": ("SELECT id FROM asset_card WHERE name LIKE ? ORDER BY id", ("%舞台灯%",)),
    "medium": ("SELECT id FROM asset_card WHERE is_storage_medium = 1 ORDER BY id", ()),
    "frozen": ("SELECT id FROM asset_card WHERE name LIKE ? ORDER BY id", (f"%{FROZEN}%",)),
    "task": (_TASK, ("tangyi",)),
    "token": (_LABEL, ("LP-ZC",)),
    "store": ("SELECT id FROM place WHERE code = ?", ("LP-ZC",)),
    "unit": ("SELECT id FROM unit WHERE code = ?", ("330113WJ",)),
    "lender": ("SELECT id FROM unit WHERE code = ?", ("330113WG",)),
    "year_figure": ("SELECT 'lent' AS id", ()),
    "library": ("SELECT id FROM unit WHERE code = ?", ("330113TS",)),
    "wanted": ("SELECT id FROM wanted_post WHERE title = ?", ("折叠桌",)),
    "wanted_mine": ("SELECT id FROM wanted_post WHERE title = ?", ("投影仪",)),
    "need": ("SELECT id FROM purchase_need WHERE state = ? ORDER BY id", ("submitted",)),
    "need_searched": (
        "SELECT id FROM purchase_need WHERE state = ? AND proof_id IS NULL ORDER BY id",
        ("draft",),
    ),
    "idle_proof": ("SELECT id FROM idle_proof ORDER BY id", ()),
    "standard": ("SELECT id FROM allocation_standard ORDER BY id", ()),
    "loss": ("SELECT id FROM loss_case WHERE state <> 'found' ORDER BY id DESC", ()),
    "paid_and_found": ("SELECT id FROM loss_case WHERE state = 'found' AND paid_fen > 0", ()),
    "occasion": ("SELECT id FROM occasion", ()),
    "body": ("SELECT id FROM unit WHERE kind = ?", ("temporary_body",)),
    "borrower": ("SELECT id FROM person WHERE login_name = ?", ("chenyu",)),
    "keeper": ("SELECT id FROM person WHERE login_name = ?", ("laochen",)),
    "leaver": ("SELECT id FROM person WHERE login_name = ?", ("kuaiji",)),
    "post": ("SELECT t.id FROM post t JOIN person p ON p.id = t.person_id WHERE p.login_name = ?", ("chenyu",)),
    "change": ("SELECT id FROM unit_change WHERE state = ?", ("proposed",)),
    "handover": ("SELECT id FROM handover", ()),
    "request": ("SELECT id FROM role_request WHERE state = ?", ("pending",)),
    "delegation": ("SELECT id FROM delegation", ()),
    "coming": ("SELECT id FROM policy_version WHERE kind = ? AND region_code = ?", ("borrowing", "330100")),
    "event": ("SELECT id FROM audit_event WHERE action = ? ORDER BY id DESC", ("borrowing.submit",)),
}


async def _ids() -> dict[str, str]:
    found = {}
    async with reading() as rows:
        for name, (query, values) in _QUERIES.items():
            row = await rows.fetch_one(f"{query} LIMIT 1", *values)
            assert row is not None, name
            found[name] = str(row["id"])
    return found
