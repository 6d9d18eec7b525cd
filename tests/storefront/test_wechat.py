"""The page on which messages to one's WeChat are seen and stopped."""

from server.notices.wechat.commands import answer_consents
from server.notices.wechat.queries import my_consents
from server.notices.wechat.templates import use_templates
from server.notices.wechat.types import ConsentAnswer
from server.setting_values import MessageTemplate
from tests.factories.circulation import Hall
from tests.factories.identity import bind_wechat
from tests.storefront.visitor import Visitor

BORROWING = "sandbox-template-borrowing"
ACCEPTED = [ConsentAnswer(template_id=BORROWING, answer="accept")]


async def test_page_says_what_is_allowed_and_stops_it(hall: Hall, borrower: Visitor) -> None:
    page = await borrower.get("/me/wechat")
    assert "还没有绑定微信" in page.answer.text and "不再发送" not in page.answer.text
    await bind_wechat(hall.borrower)
    for _ in range(2):
        await answer_consents(hall.borrower, ACCEPTED)
    late = await borrower.get("/me/wechat")
    page = await borrower.get("/me/wechat")
    assert "还可发 2 条" in page.answer.text and "还没有绑定微信" not in page.answer.text
    stopped = await borrower.follow(await borrower.submit(page, "/me/wechat/stop"))
    assert "不再发到微信" in stopped.answer.text and "不再发送" not in stopped.answer.text
    assert {each.remaining for each in (await my_consents(hall.borrower)).items} == {0}
    again = await borrower.follow(await borrower.submit(late, "/me/wechat/stop"))
    assert "本来就没有允许" in again.answer.text


async def test_page_says_so_when_the_mini_program_has_no_templates_or_long_term_ones(
    hall: Hall, borrower: Visitor
) -> None:
    use_templates(())
    assert "没有开通微信提醒" in (await borrower.get("/me/wechat")).answer.text
    use_templates((MessageTemplate("borrowing", BORROWING, "thing1", "thing2", "time3", is_standing=True),))
    await bind_wechat(hall.borrower)
    await answer_consents(hall.borrower, ACCEPTED)
    assert "每次都发" in (await borrower.get("/me/wechat")).answer.text
