"""Setting up the second factor: a secret as a QR code and as text, confirmed by one code of the authenticator."""

from markupsafe import Markup
from sanic import HTTPResponse, Request

from server.identity.commands import begin_totp_setup, confirm_totp
from server.kernel.errors import DomainError
from server.web.forms import TypedForm
from server.web.page_door import own_target
from server.web.pages import Flash
from server.web.routes import Access
from server.web.sessions import actor_for_write, actor_of
from storefront.form_state import FormState
from storefront.login import CODE_LABELS, CodeForm, enter, next_of, refused_login
from storefront.qr import qr_svg
from storefront.surround import door


@door.get("/login/totp-setup", summary="设置动态口令", access=Access.HALF_SIGNED_IN)
async def totp_page(request: Request) -> HTTPResponse:
    return await _draw(request, FormState.blank(CODE_LABELS), is_begun=False)


@door.post("/login/totp-setup", summary="开始设置动态口令", access=Access.HALF_SIGNED_IN)
async def begin_totp(request: Request) -> HTTPResponse:
    form = TypedForm.of(request)
    # Drawn at once instead of after a redirect: the secret is shown this one time and kept nowhere in between.
    setup = await begin_totp_setup(actor_of(request))
    state = FormState.blank(CODE_LABELS, next=form.typed.get("next", "/"))
    return await _draw(request, state, is_begun=True, qr=qr_svg(setup.otpauth_uri), secret=_grouped(setup.secret))


@door.post("/login/totp-setup/code", summary="确认动态口令", access=Access.HALF_SIGNED_IN)
async def submit_totp(request: Request) -> HTTPResponse:
    form = TypedForm.of(request)
    try:
        body = form.read(CodeForm)
        grant = await confirm_totp(actor_for_write(request, form.key), body.code)
    except DomainError as error:
        return await _draw(request, refused_login(error, form, CODE_LABELS), is_begun=True)
    return enter(request, grant, own_target(body.next, "/"), Flash("ok", "动态口令设好了，以后登录都会用到它。"))


def _grouped(secret: str) -> str:
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


async def _draw(
    request: Request, form: FormState, *, is_begun: bool, qr: Markup | None = None, secret: str = ""
) -> HTTPResponse:
    return await door.draw(
        request,
        "storefront/totp_setup.html",
        form.status,
        f=form,
        next_href=next_of(form, request),
        is_begun=is_begun,
        qr=qr,
        secret=secret,
    )
