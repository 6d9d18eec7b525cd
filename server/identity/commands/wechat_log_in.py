"""Log in from the mini-program."""

import msgspec

from server.identity.commands.log_in import start_session
from server.identity.models import Person
from server.identity.sessions import MINI, NewToken, OpenedSession, new_token
from server.identity.types import SessionGrant
from server.identity.wechat import current_gateway, index_of, keep_openid
from server.kernel.actor import Actor
from server.kernel.command import command
from server.kernel.errors import NotFound
from server.kernel.reading import reading
from server.kernel.unit_of_work import UnitOfWork


class LogInByWechat(msgspec.Struct, frozen=True):
    """The code of `wx.login`."""

    code: str
    user_agent: str = ""


async def log_in_by_wechat(actor: Actor, request: LogInByWechat) -> SessionGrant:
    """Open a session for whoever is bound to this WeChat user.

    Raises NotFound `wechat.not_bound` (ticket: for the binding commands, five minutes), the gateway's InvalidInput
    `wechat.code_invalid`, Forbidden `wechat.user_blocked`, LimitReached and Unavailable.
    """
    openid = (await current_gateway().exchange_login_code(request.code)).openid
    async with reading() as rows:
        row = await rows.fetch_one("SELECT id FROM person WHERE wechat_index = ? AND is_active = 1", index_of(openid))
    if row is None:
        raise NotFound("wechat.not_bound", ticket=await keep_openid(openid))
    made = new_token()
    opened = await _open(actor.with_key(None), row["id"], index_of(openid), made, request.user_agent)
    return opened.with_token(made)


@command("identity.log_in_by_wechat")
async def _open(
    uow: UnitOfWork, actor: Actor, person_id: str, wechat_index: str, made: NewToken, user_agent: str
) -> OpenedSession:
    person = await uow.lock(Person, person_id)
    # Whoever was disabled or unbound meanwhile is bound to nobody.
    if person is None or person.wechat_index != wechat_index:
        raise NotFound("wechat.not_bound", ticket="")
    return await start_session(uow, person, made, channel=MINI, user_agent=user_agent)
