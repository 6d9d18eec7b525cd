"""The demo: a city's warehouses as they might look on a Monday, entered through the same commands that people use."""

import sys
from datetime import timedelta
from pathlib import Path

from server import wiring
from server.demo.administration import administer, reorganise
from server.demo.cast import PASSWORD, PEOPLE, Cast
from server.demo.clock import DemoClock
from server.demo.loans import Story
from server.demo.needs import enter_needs
from server.demo.staging import announce_rules, furnish, hire, set_rules, set_standards
from server.identity.roles import ROLE_NAMES
from server.installation import InstallationError
from server.jobs.relay import deliver_due
from server.jobs.scheduler import run_job
from server.kernel.audit.anchors import write_anchor
from server.kernel.audit.sealer import SEALER, seal_audit
from server.kernel.reading import reading
from server.key_check import check_keys
from server.migrations.runner import migrate
from server.opening import opened
from server.settings import Settings, load_secrets

_BEGAN = timedelta(days=-45)


async def run_demo(settings: Settings) -> None:
    """Make the demo's database where there is none yet, and print what to try."""
    wiring.wire(settings)
    async with opened(settings) as runtime:
        await migrate(runtime.database)
        await _refuse_half(settings)
        await check_keys(runtime.database, load_secrets(settings))
        if not await _is_entered():
            print("正在录入演示数据……", flush=True)
            real = runtime.clock
            clock = DemoClock()
            runtime.clock = clock
            cast = await enter(clock)
            runtime.clock = real
            await enter_needs(cast)
            await run_job("circulation.follow_up_loans")
            while await deliver_due():
                pass
            while await seal_audit(SEALER, load_secrets(settings).audit.hex()):
                pass
            await write_anchor(runtime.anchor_file)
            _mark(settings).touch()
    print(_what_to_try(settings), flush=True)


async def enter(clock: DemoClock) -> Cast:
    """Enter everything: the stage as of six weeks ago, then the loans at their own times. Returns who is there."""
    cast = Cast()
    clock.show(_BEGAN)
    await set_rules()
    await hire(cast)
    await set_standards(cast)
    await reorganise(cast)
    cards = await furnish(cast)
    await administer(cast, cards)
    await Story(cast, clock, cards).play()
    await announce_rules(cast)
    return cast


def _mark(settings: Settings) -> Path:
    return settings.data_dir / "demo.whole"


async def _refuse_half(settings: Settings) -> None:
    """What was broken off half-way, and what is no demo at all, is not shown as one."""
    if await _is_entered() and not _mark(settings).exists():
        raise InstallationError(
            f"{settings.data_dir} 里已有数据，但不是一次录完的演示：请删掉它再运行，或用 DATA_DIR 另指一个空目录"
        )


async def _is_entered() -> bool:
    async with reading() as rows:
        return await rows.fetch_one("SELECT id FROM person LIMIT 1") is not None


def _python() -> str:
    """The interpreter as somebody in this folder would type it."""
    path = Path(sys.executable)
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def _what_to_try(settings: Settings) -> str:
    address = settings.public_url
    names = {
        person.login: f"{person.name}（{'、'.join(ROLE_NAMES[role] for role in person.roles)}）" for person in PEOPLE
    }
    accounts = "\n".join(f"    {login:<10} {name}" for login, name in names.items())
    return f"""
公物仓演示已就绪。

  前台（共享大厅、我的借用）  {address}/
  工作台（审批、台账、仓管）  {address}/admin/
  小程序接口阅读页            {address}/openapi

  所有演示账号的口令：{PASSWORD}
{accounts}
  审核、机关事务和三员账号首次登录要绑定动态口令：页面会显示二维码和密钥，手机上任一验证器应用都能用。

  试一试（换人时先在右上角菜单里“退出登录”，或用浏览器的无痕窗口）：
    1. 用 chenyu 登录，搜“投影”，点开“投影仪 极米 H6”，再点“申请借用”：
       借用日期改成今天，归还日期改成明天，写上事由，提交；记下借用单上的资产编号；
    2. 用 lina 登录，点“审批”，打开这份申请，同意（借用人所在单位）；
    3. 用 zhouwei 登录，同样在“审批”里同意（出借单位）；
    4. 还是 zhouwei：打开工作台的“出借与归还”，点“去仓管台”，输入资产编号，发放；
       再输入一次编号，收回，接着验收；
    5. 在验收后的页面输入同一个编号，点“看账卡”，看这件东西的完整履历；
    6. 想看仓库的做法，第 1 步换成“投影仪 爱普生 CB-X06”：zhengqi 审批（要绑动态口令），laochen 在仓管台发放；
    7. 用 shenji 登录工作台看“审计”；或另开终端核对审计链：
       DATA_DIR={settings.data_dir} {_python()} -m server verify audit
    8. 其他可以看的：chenyu 在大厅打开“视频会议终端 华为 TE20”，按小时借；tangyi 在“借用”里修改被退回的申请；
       zhouwei 在工作台看“活动”的收回清单、“年度小结”、“导入”；zhengqi 看“遗失与赔偿”。

  按 Ctrl-C 结束；数据在 {settings.data_dir}，删掉它就从头再来。
"""
