"""Every page there is, as somebody whom it is for sees it. A new route that is missing here fails the tests."""

import re
from dataclasses import dataclass

from server.web.routes import ROUTES
from tests.journeys.world import World

PUBLIC = ""
DOORS = ("storefront", "admin")
# Answers that are no page: papers, pictures, tables, and parts of pages.
FILES = re.compile(
    r"/attachments/<file_id>$|\.pdf$|/copy$|/slip$|^/files/|^/admin/imports/<import_id>/(progress|errors|file)$|/export$|\.ics$"
)
# Open only on the way in, which the journeys walk: whoever has a complete session is sent on.
WAYS_IN = {"/login", "/login/second-factor", "/login/totp-setup"}


@dataclass(frozen=True, slots=True)
class Screen:
    """One address as one person asks for it. `login`: empty for the public. `status`: what it is answered with."""

    path: str
    login: str
    status: int = 200


# Who opens what, and with which ids of the world; `name=id` replaces the route's `<name>`.
_OPENED = {
    "/": "chenyu",
    "/basket": "lina",
    "/borrowings": "lina",
    "/borrowings/<borrowing_id>": "wufang borrowing_id=approved",
    "/borrowings/<borrowing_id>/withdrawal": "chenyu borrowing_id=submitted",
    "/borrowings/<borrowing_id>/collection": "wufang borrowing_id=approved",
    "/borrowings/<borrowing_id>/renewal": "hejie borrowing_id=many",
    "/borrowings/<borrowing_id>/renewal/withdrawal": "tangyi borrowing_id=renewing",
    "/borrowings/<borrowing_id>/correction": "tangyi borrowing_id=sent_back",
    "/borrowings/<borrowing_id>/renewal/correction": "chenyu borrowing_id=renewal_sent_back",
    "/renewals/<renewal_id>": "tangyi renewal_id=renewal",
    "/comments/<kind>/<subject_id>": "tangyi kind=borrowing_kind subject_id=sent_back",
    "/approvals": "lina",
    "/approvals/<task_id>": "yejun task_id=task",
    "/login/password": "chenyu",
    "/me": "zhouwei",
    "/me/calendar": "chenyu",
    "/me/wechat": "chenyu",
    "/me/personal-data": "chenyu",
    "/me/handovers/<handover_id>": "zhouwei handover_id=handover",
    "/messages": "chenyu",
    "/scan": PUBLIC,
    "/s/<token>": "laochen token=token",
    "/sharing": "chenyu",
    "/sharing/<listing_id>": "chenyu listing_id=listing",
    "/sharing/<listing_id>/apply": "chenyu listing_id=listing",
    "/sharing/<listing_id>/hours": "chenyu listing_id=by_the_hour",
    "/searches": "chenyu",
    "/map": "chenyu",
    "/admin/": "zhengqi",
    "/admin/approvals": "yejun",
    "/admin/approvals/several": "yejun",
    "/admin/listings/several": "zhouwei",
    "/admin/approvals/<task_id>": "yejun task_id=task",
    "/admin/desk": "laochen",
    "/admin/loans": "zhengqi",
    "/admin/loans/<borrowing_id>": "luhai borrowing_id=waiting",
    "/admin/loans/<borrowing_id>/readiness": "luhai borrowing_id=approved",
    "/admin/loans/<borrowing_id>/issuing": "zhengqi borrowing_id=many",
    "/admin/loans/<borrowing_id>/taking-back": "zhengqi borrowing_id=many",
    "/admin/loans/<borrowing_id>/inspections": "zhengqi borrowing_id=many",
    "/admin/loans/<borrowing_id>/signing/<kind>": "zhengqi borrowing_id=many kind=sign",
    "/admin/loans/<borrowing_id>/damage": "zhengqi borrowing_id=damaged",
    "/admin/assets/<asset_id>/accessories": "zhouwei asset_id=card",
    "/borrowings/<borrowing_id>/loss": "wufang borrowing_id=overdue",
    "/admin/loans/<borrowing_id>/loss": "zhengqi borrowing_id=many",
    "/admin/losses": "zhengqi",
    "/admin/losses/<loss_id>": "zhengqi loss_id=loss",
    "/admin/losses/<loss_id>/decision": "zhengqi loss_id=loss",
    "/admin/losses/<loss_id>/payments": "zhengqi loss_id=loss",
    "/admin/losses/<loss_id>/waiver": "zhengqi loss_id=loss",
    "/admin/losses/<loss_id>/write-off": "zhengqi loss_id=loss",
    "/admin/losses/<loss_id>/finding": "laochen loss_id=loss",
    "/admin/losses/<loss_id>/refunds": "zhengqi loss_id=paid_and_found",
    "/admin/occasions": "zhouwei",
    "/admin/occasions/new": "zhouwei",
    "/admin/occasions/<occasion_id>": "zhouwei occasion_id=occasion",
    "/admin/occasions/<occasion_id>/prolonging": "zhouwei occasion_id=occasion",
    "/admin/occasions/<occasion_id>/closing": "zhouwei occasion_id=occasion",
    "/admin/assets": "zhouwei",
    "/admin/assets/<asset_id>": "zhouwei asset_id=card",
    "/admin/assets/new": "zhouwei",
    "/admin/assets/<asset_id>/correction": "zhouwei asset_id=card",
    "/admin/assets/<asset_id>/move": "zhouwei asset_id=card",
    "/admin/assets/<asset_id>/custodian": "zhouwei asset_id=card",
    "/admin/assets/<asset_id>/clearing": "zhengqi asset_id=medium",
    "/admin/assets/<asset_id>/freezing": "zhouwei asset_id=card",
    "/admin/assets/<asset_id>/unfreezing": "hukai asset_id=frozen",
    "/admin/assets/<asset_id>/picture": "zhouwei asset_id=card",
    "/admin/assets/<asset_id>/label": "zhouwei asset_id=card",
    "/admin/assets/<asset_id>/listing": "luhai asset_id=unlisted",
    "/admin/assets/<asset_id>/listing/closing": "zhouwei asset_id=listed",
    "/admin/imports": "zhouwei",
    "/admin/imports/new": "zhouwei",
    "/admin/imports/<import_id>": "zhouwei import_id=ready_import",
    "/admin/imports/<import_id>/rows": "zhouwei import_id=ready_import",
    "/admin/imports/<import_id>/matches": "zhouwei import_id=ready_import",
    "/admin/imports/<import_id>/application": "zhouwei import_id=ready_import",
    "/admin/imports/<import_id>/undoing": "zhouwei import_id=done_import",
    "/admin/imports/<import_id>/discarding": "zhouwei import_id=ready_import",
    "/admin/places": "zhengqi",
    "/admin/places/new": "zhengqi",
    "/admin/places/<place_id>": "zhengqi place_id=store",
    "/admin/places/<place_id>/correction": "zhengqi place_id=store",
    "/admin/places/<place_id>/keepers/new": "zhengqi place_id=store",
    "/admin/places/<place_id>/keepers/<person_id>/end": "zhengqi place_id=store person_id=keeper",
    "/admin/places/<place_id>/closing": "zhengqi place_id=store",
    "/admin/categories": "zhouwei",
    "/wanted": "chenyu",
    "/wanted/new": "chenyu",
    "/wanted/<wanted_id>": "zhouwei wanted_id=wanted",
    "/wanted/<wanted_id>/closing": "chenyu wanted_id=wanted_mine",
    "/admin/needs": "zhouwei",
    "/admin/needs/new": "zhouwei",
    "/admin/needs/<need_id>": "zhouwei need_id=need",
    "/admin/needs/<need_id>/proof": "zhouwei need_id=need_searched",
    "/admin/needs/<need_id>/correction": "wufang need_id=need_sent_back",
    "/admin/needs/<need_id>/withdrawal": "zhouwei need_id=need_searched",
    "/admin/needs/<need_id>/meeting": "zhouwei need_id=need_searched",
    "/proofs/<proof_id>": "chenyu proof_id=idle_proof",
    "/admin/standards": "zhengqi",
    "/admin/standards/<standard_id>": "zhengqi standard_id=standard",
    "/admin/standards/import": "zhengqi",
    "/admin/holdings": "zhouwei",
    "/admin/year": "zhouwei",
    "/admin/year/<unit_id>": "fangmei unit_id=library",
    "/admin/year/<unit_id>/<figure>": "zhouwei unit_id=lender figure=year_figure",
    "/admin/holdings/<unit_id>": "fangmei unit_id=library",
    "/admin/units/<unit_id>/headcount": "zhouwei unit_id=lender",
    "/admin/synonyms": "zhouwei",
    "/admin/synonyms/change": "zhengqi",
    "/admin/units": "xitong",
    "/admin/units/<unit_id>": "xitong unit_id=unit",
    "/admin/units/<parent_id>/units/new": "xitong parent_id=unit",
    "/admin/units/<unit_id>/renaming": "xitong unit_id=unit",
    "/admin/units/<unit_id>/correction": "xitong unit_id=unit",
    "/admin/units/<unit_id>/closing": "xitong unit_id=unit",
    "/admin/units/<unit_id>/changes/<kind>": "xitong unit_id=unit kind=change_kind",
    "/admin/unit-changes": "anquan",
    "/admin/unit-changes/<change_id>": "anquan change_id=change",
    "/admin/people": "xitong",
    "/admin/people/new": "xitong",
    "/admin/people/<person_id>": "xitong person_id=borrower",
    "/admin/people/<person_id>/posts/new": "xitong person_id=borrower",
    "/admin/people/<person_id>/posts/<post_id>/end": "xitong person_id=borrower post_id=post",
    "/admin/people/<person_id>/roles/new": "anquan person_id=borrower",
    "/admin/people/<person_id>/posts/<post_id>/roles/<role>/revocation":
        "anquan person_id=borrower post_id=post role=role",
    "/admin/people/<person_id>/invitation": "xitong person_id=borrower",
    "/admin/people/<person_id>/password": "anquan person_id=borrower",
    "/admin/people/<person_id>/resets/<kind>": "anquan person_id=borrower kind=kind",
    "/admin/people/<person_id>/disabling": "anquan person_id=leaver",
    "/admin/people/<person_id>/handover": "xitong person_id=borrower",
    "/admin/handovers/<handover_id>": "xitong handover_id=handover",
    "/admin/role-requests": "anquan",
    "/admin/role-requests/<request_id>": "anquan request_id=request",
    "/admin/people/<person_id>/role-requests/new": "xitong person_id=borrower",
    "/admin/people/<person_id>/grants": "shenji person_id=borrower",
    "/admin/grants": "shenji",
    "/admin/people/<person_id>/correction": "xitong person_id=borrower",
    "/admin/people/<person_id>/personal-data": "anquan person_id=borrower",
    "/admin/people/<person_id>/erasure": "anquan person_id=borrower",
    "/admin/delegations": "zhouwei",
    "/admin/delegations/new": "zhouwei",
    "/admin/delegations/<delegation_id>/revocation": "zhouwei delegation_id=delegation",
    "/admin/policies": "zhengqi",
    "/admin/policies/<kind>": "zhengqi kind=policy",
    "/admin/calendar": "zhengqi",
    "/admin/calendar/load": "xitong",
    "/admin/policies/<kind>/change": "xitong kind=policy",
    "/admin/policies/<kind>/versions/<version_id>": "zhengqi kind=policy version_id=coming",
    "/admin/policies/<kind>/versions/<version_id>/cancellation": "xitong kind=policy version_id=coming",
    "/admin/dictionaries/<dictionary>": "zhengqi dictionary=calendar",
    "/admin/audit": "shenji",
    "/admin/audit/<event_id>": "shenji event_id=event",
    "/admin/audit/things/<kind>/<subject_id>": "shenji kind=asset_kind subject_id=projector_card",
    "/admin/audit/chain": "shenji",
    "/admin/styleguide": PUBLIC,
}  # fmt: skip
_WORDS = {
    "change_kind": "split",
    "role": "borrower",
    "kind": "second-factor",
    "policy": "borrowing",
    "asset_kind": "asset",
    "calendar": "calendar",
    "sign": "issue",
    "borrowing_kind": "borrowing",
}

# The same addresses in the states that matter most, and what is answered where nothing is found.
_MORE = (
    ("/", PUBLIC, 200),
    ("/login", PUBLIC, 200),
    ("/sharing?q=投影", "chenyu", 200),
    ("/sharing?q=没有这样的东西", "chenyu", 200),
    ("/sharing?q=touyingyi&sort=free&value=100000", "chenyu", 200),
    ("/sharing?q=投影以", "chenyu", 200),
    ("/map?region=330113", "chenyu", 200),
    ("/sharing?from=2020-01-09&to=2020-01-01", "chenyu", 400),
    ("/borrowings", "kuaiji", 200),
    ("/borrowings/{overdue}", "wufang", 200),
    ("/borrowings/{closed}", "chenyu", 200),
    ("/basket", "hejie", 200),
    ("/borrowings/{many}", "hejie", 200),
    ("/borrowings/{renewing}", "tangyi", 200),
    ("/admin/approvals/several?task={task}", "yejun", 200),
    ("/admin/listings/several?asset={listable}", "zhouwei", 200),
    ("/borrowings/{corrected}", "hejie", 200),
    ("/borrowings/{many}/withdrawal", "hejie", 200),
    ("/admin/loans/{many}", "zhengqi", 200),
    ("/messages", "kuaiji", 200),
    ("/me", "chenyu", 200),
    ("/s/{token}", PUBLIC, 200),
    ("/scan?code=NEVER-WAS", PUBLIC, 404),
    ("/nowhere", "chenyu", 404),
    ("/admin/nowhere", "zhouwei", 404),
    ("/admin/audit", "zhouwei", 403),
    ("/admin/audit?thing=没有这样的东西", "shenji", 200),
    ("/admin/audit?subject=asset:{projector_card}", "shenji", 200),
    ("/admin/", "kuaiji", 200),
    ("/admin/desk?code=NEVER-WAS", "laochen", 404),
    ("/admin/loans/{damaged}", "zhengqi", 200),
    ("/admin/assets?q=没有这样的东西", "zhouwei", 200),
    ("/admin/imports/{mapping_import}", "zhouwei", 200),
    ("/admin/imports/{done_import}", "zhouwei", 200),
    ("/admin/imports/{refused_import}", "zhouwei", 200),
    ("/admin/imports/{ready_import}/rows?verdict=new", "zhouwei", 200),
    ("/admin/imports/{ready_import}/rows?verdict=different", "zhouwei", 200),
    ("/admin/imports", "zhengqi", 200),
    ("/admin/losses?state=written_off", "zhengqi", 200),
    ("/admin/losses/{loss}", "hejie", 200),
    ("/admin/occasions?state=closed", "zhouwei", 200),
    ("/admin/occasions/{body}", "zhouwei", 200),
    ("/sharing/{listing}/apply", "wufang", 200),
    ("/admin/people/{borrower}", "anquan", 200),
    ("/admin/standards?region=330106", "zhengqi", 200),
    ("/admin/needs", "chenyu", 200),
    ("/wanted/{wanted_mine}", "chenyu", 200),
    ("/wanted?q=没有这样的东西", "chenyu", 200),
    ("/wanted?view=unit", "kuaiji", 200),
    ("/admin/needs/{need_searched}", "zhouwei", 200),
    ("/admin/holdings?category=A02020200", "zhouwei", 200),
    ("/admin/holdings", "kuaiji", 200),
    ("/admin/people/{keeper}/disabling", "anquan", 200),
    ("/admin/unit-changes/{change}", "xitong", 200),
    ("/admin/unit-changes?state=withdrawn", "shenji", 200),
)


def screens(world: World) -> list[Screen]:
    """Every page of the storefront and of the desk."""
    ids = {**world.ids, **_WORDS}
    routes = [path for (method, path), route in ROUTES.items() if method == "GET" and route.door in DOORS]
    pages = [path for path in routes if path not in WAYS_IN and not FILES.search(path)]
    assert pages, "no door has registered its pages"
    unknown = sorted(set(pages) - set(_OPENED))
    assert not unknown, f"say in {__name__} who opens {unknown}"
    return [_screen(path, ids) for path in pages] + [
        Screen(path.format_map(ids), login, status) for path, login, status in _MORE
    ]


def _screen(path: str, ids: dict[str, str]) -> Screen:
    login, *named = _OPENED[path].split() or [PUBLIC]
    for name, _, key in (pair.partition("=") for pair in named):
        path = path.replace(f"<{name}>", ids[key])
    assert "<" not in path, f"{path} lacks an id"
    return Screen(path, login)
