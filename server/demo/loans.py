"""The demo's loans, in every state a loan can be in, each begun on its own day in the past weeks."""

from datetime import date, timedelta

from server.approvals.commands import decide, return_task
from server.approvals.comments.commands import add_comment
from server.approvals.comments.types import AddComment
from server.approvals.queries import chain_view
from server.approvals.types import Decide, ReturnTask, State
from server.assets.types import AssetView
from server.circulation.commands import (
    correct_borrowing,
    inspect_return,
    issue_by_code,
    put_in_basket,
    renew_borrowing,
    return_by_code,
    submit_borrowing,
)
from server.circulation.losses.commands import decide_loss, report_loss
from server.circulation.losses.types import DecideLoss, ReportLoss
from server.circulation.occasions.commands import create_occasion
from server.circulation.occasions.types import CreateOccasion
from server.circulation.types import (
    BorrowingView,
    CorrectBorrowing,
    InspectReturn,
    IssueByCode,
    RenewBorrowing,
    ReturnByCode,
    SubmitBorrowing,
    WantedLine,
)
from server.demo.cast import Cast
from server.demo.clock import DemoClock
from server.demo.staging import manager_of
from server.identity.commands import CreateUnit, create_unit
from server.identity.scope import is_in_scope
from server.kernel.actor import Actor, system_actor
from server.kernel.instants import shanghai_day
from server.kernel.reading import reading


class Story:
    """Plays loans at their own times: `clock` shows each day as the day it happens."""

    def __init__(self, cast: Cast, clock: DemoClock, cards: list[AssetView]) -> None:
        self._cast = cast
        self._clock = clock
        self._cards = cards

    async def play(self) -> None:
        """All of them, from the longest ago to the present."""
        festival = await self._event("zhouwei", "wufang", "市民文化艺术节", 14, 12)
        await self._finished("hejie", "投影仪", 34, 5, "期末家长会播放课件")
        await self._finished("wufang", "移动音箱", 27, 3, "社区文艺汇演")
        await self._finished("chenyu", "数字照相机", 24, 4, "“世界献血者日”活动拍摄")
        await self._finished("chenyu", "折叠会议桌", 20, 6, "义诊咨询台")
        await self._out("chenyu", "3D打印机", 4, 20, "科技节作品打印")
        await self._out("wufang", "帐篷", 12, 8, "非遗集市摊位", festival)  # its last day has passed: overdue
        await self._out("chenyu", "会议椅", 3, 10, "基层医生培训班")
        await self._partly_out("hejie", "会议椅", 20, 2, 6, "骨干教师培训", issued=12, returned=3)
        loan = await self._out("tangyi", "折叠会议桌", 3, 6, "读书节展台")
        await self._renewal("tangyi", loan, 5, "展期延长一周")
        await self._fill_basket("hejie", {"线阵音响": None, "会议椅": 8, "投影仪": None})
        await self._applied("tangyi", "移动照明灯塔", 1, 4, 5, "夜间科普集市照明")
        await self._applied("hejie", "触控一体机", 1, 3, 2, "公开课展示")
        unclear = await self._sent_back("tangyi", "摄录一体机", 3, "活动用", "请写明哪场活动、谁负责保管")
        await self._talk(unclear, ("tangyi", "是区里的科技周开幕式，方案还在定"), ("yejun", "定了再提交，设备给你留着"))
        again = await self._sent_back("hejie", "空气净化器", 7, "教室使用", "一周太久，期末考试两天就够")
        await self._corrected("hejie", again, 2, "期末考试考场使用，共两天")
        await self._applied("chenyu", "投影仪", 0, 2, 3, "健康讲座播放课件", decisions=1)
        await self._applied("hejie", "轮椅", 1, 6, 4, "老年活动日", decisions=9)
        await self._applied("wufang", "发电机", 0, 5, 2, "户外电影放映", decisions=9, occasion_id=festival)

    async def _finished(self, login: str, item: str, days_ago: int, length: int, purpose: str) -> None:
        borrowing = await self._out(login, item, days_ago, length, purpose)
        self._go_back(days_ago - length + 1)  # on the last day
        line = borrowing.lines[0]
        desk = self._desk_of(borrowing)
        returned = await return_by_code(desk, ReturnByCode(line.asset_code))
        note = "外观完好，配件齐全"
        await inspect_return(desk, InspectReturn(returned.id, line.asset_id, "intact", note))

    async def _event(self, leader: str, responsible: str, name: str, days_ago: int, ahead: int) -> str:
        """An event that a manager's unit leads, from some days ago to some days ahead, and a body that runs it."""
        self._go_back(days_ago)
        manager, person_id = self._cast.actors[leader], self._cast.actors[responsible].person_id
        assert person_id is not None
        first = shanghai_day(self._clock.here())
        last = first + timedelta(days=days_ago + ahead)
        request = CreateOccasion(name=name, starts_on=first, ends_on=last, responsible_id=person_id)
        await self._body(manager, f"{name}组委会", last + timedelta(days=200))
        return (await create_occasion(manager, request)).id

    async def _body(self, lead: Actor, name: str, last: date) -> None:
        unit = next(unit for unit in self._cast.units.values() if unit.id == lead.unit_id)
        request = CreateUnit(
            code=f"{unit.code}LS",
            name=name,
            short_name="组委会",
            kind="temporary_body",
            region_code=unit.region_code,
            parent_id=unit.id,
            lead_unit_id=unit.id,
            ends_on=last,
        )
        await create_unit(system_actor("demo"), request)

    async def _out(
        self, login: str, item: str, days_ago: int, length: int, purpose: str, occasion_id: str | None = None
    ) -> BorrowingView:
        borrowing = await self._applied(
            login, item, days_ago + 2, 2, length, purpose, decisions=9, occasion_id=occasion_id
        )
        self._go_back(days_ago)
        borrower = self._cast.actors[login]
        request = IssueByCode(borrowing.id, borrowing.lines[0].asset_code, borrower.person_name)
        return await issue_by_code(self._desk_of(borrowing), request)

    async def _partly_out(
        self,
        login: str,
        item: str,
        pieces: int,
        days_ago: int,
        length: int,
        purpose: str,
        *,
        issued: int,
        returned: int,
    ) -> None:
        """Many of a kind: some were collected, of these some are back, the rest still waits."""
        borrowing = await self._applied(login, item, days_ago + 2, 2, length, purpose, decisions=9, quantity=pieces)
        self._go_back(days_ago)
        desk, borrower = self._desk_of(borrowing), self._cast.actors[login]
        codes = [line.asset_code for line in borrowing.lines]
        for code in codes[:issued]:
            await issue_by_code(desk, IssueByCode(borrowing.id, code, borrower.person_name))
        self._go_back(0)
        for code in codes[:returned]:
            await return_by_code(desk, ReturnByCode(code))
        await self._lose(borrower, borrowing, codes[returned])

    async def _lose(self, borrower: Actor, borrowing: BorrowingView, code: str) -> None:
        """One of them is lost, and the holder has decided what is to be paid."""
        line = next(line for line in borrowing.lines if line.asset_code == code)
        how = "培训结束清点时少了一件，场地和车上都没有找到"
        case = await report_loss(
            borrower, ReportLoss(borrowing_id=borrowing.id, asset_id=line.asset_id, explanation=how)
        )
        unit = next(code for code, unit in self._cast.units.items() if unit.id == borrowing.holder_unit_id)
        decision = "借用单位清点交接疏忽，按重置价赔偿"
        await decide_loss(
            manager_of(self._cast, unit), DecideLoss(loss_id=case.id, decision=decision, amount_fen=32_000)
        )

    async def _fill_basket(self, login: str, items: dict[str, int | None]) -> None:
        """What somebody means to apply for together, of several lenders."""
        for item, quantity in items.items():
            card = next(card for card in self._cards if item in card.name)
            await put_in_basket(self._cast.actors[login], WantedLine(card.id, quantity))

    async def _renewal(self, login: str, loan: BorrowingView, more: int, reason: str) -> None:
        """Asked for today, and not decided yet."""
        self._go_back(0)
        request = RenewBorrowing(loan.id, loan.to_day + timedelta(days=more), reason)
        await renew_borrowing(self._cast.actors[login], request)

    async def _applied(
        self,
        login: str,
        item: str,
        days_ago: int,
        ahead: int,
        length: int,
        purpose: str,
        *,
        decisions: int = 0,
        quantity: int | None = None,
        occasion_id: str | None = None,
    ) -> BorrowingView:
        self._go_back(days_ago)
        borrower = self._cast.actors[login]
        card = self._take_card(borrower, item)
        first = shanghai_day(self._clock.here()) + timedelta(days=ahead)
        last = first + timedelta(days=length - 1)
        request = SubmitBorrowing(card.id, first, last, purpose, quantity=quantity, occasion_id=occasion_id)
        borrowing = await submit_borrowing(borrower, request)
        for _ in range(decisions):
            if not await self._decide_next(borrowing):
                break
        return borrowing

    async def _sent_back(self, login: str, item: str, length: int, purpose: str, why: str) -> BorrowingView:
        """Applied for, and sent back today by the first who was asked."""
        borrowing = await self._applied(login, item, 0, 4, length, purpose)
        waiting = await self._waiting(borrowing)
        assert waiting is not None
        decider, task_id = waiting
        await return_task(decider, ReturnTask(task_id, why))
        return borrowing

    async def _talk(self, borrowing: BorrowingView, *said: tuple[str, str]) -> None:
        for login, text in said:
            wanted = AddComment(subject_kind="borrowing", subject_id=borrowing.id, text=text)
            await add_comment(self._cast.actors[login], wanted)

    async def _corrected(self, login: str, borrowing: BorrowingView, length: int, purpose: str) -> None:
        last = borrowing.from_day + timedelta(days=length - 1)
        wanted = CorrectBorrowing(borrowing.id, borrowing.from_day, last, purpose)
        await correct_borrowing(self._cast.actors[login], wanted)

    async def _decide_next(self, borrowing: BorrowingView) -> bool:
        waiting = await self._waiting(borrowing)
        if waiting is None:
            return False
        decider, task_id = waiting
        await decide(decider, Decide(task_id, True, "同意，请按期归还"))
        return True

    async def _waiting(self, borrowing: BorrowingView) -> tuple[Actor, str] | None:
        """Who decides the step that waits, and its task; None where none does."""
        async with reading() as rows:
            chain = await chain_view(rows, "borrowing", borrowing.id)
        assert chain is not None
        step = next((step for step in chain.steps if step.state == State.PENDING), None)
        if step is None or step.task_id is None:
            return None
        unit_path = next(unit.path for unit in self._cast.units.values() if unit.id == step.unit_id)
        decider = next(
            actor
            for actor in self._cast.actors.values()
            if is_in_scope(actor, unit_path, step.role) and actor.person_name != borrowing.applicant_name
        )
        return decider, step.task_id

    def _take_card(self, borrower: Actor, item: str) -> AssetView:
        card = next(card for card in self._cards if item in card.name and card.holder_unit_id != borrower.unit_id)
        self._cards.remove(card)
        return card

    def _desk_of(self, borrowing: BorrowingView) -> Actor:
        code = next(code for code, unit in self._cast.units.items() if unit.id == borrowing.holder_unit_id)
        keeper = self._cast.actors["laochen"]
        return keeper if keeper.unit_id == borrowing.holder_unit_id else manager_of(self._cast, code)

    def _go_back(self, days: int) -> None:
        self._clock.show(timedelta(days=-days))
