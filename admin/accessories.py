"""配件清单: what belongs to a thing on its card, and ticking it off at the counter."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sanic import HTTPResponse, Request

from admin.door import door
from admin.form_page import Done, Field, FormPage, answer_form, draw_form
from server.assets.commands import set_accessories
from server.assets.queries import accessory_list, card_view
from server.assets.types import Accessory, AccessoryList, AssetView, SetAccessories
from server.circulation.types import LineAccessoryView
from server.kernel.actor import Actor
from server.kernel.errors import FieldError, InvalidInput
from server.web.parts import Link
from server.web.sessions import actor_of

# A name, and perhaps how many: 遥控器 1, 电源线×2.
_LINE = re.compile(r"(.+?)\s*[×xX*\s]\s*(\d{1,4})\s*(?:件|个|根|只|套)?")
# What the counter's forms send for each part: its name, and how many there are.
PARTS = r"part-\d{1,2}(?:-name)?"
_MOST_PARTS = 100


class AccessoriesForm(msgspec.Struct, frozen=True):
    """One part a line."""

    lines: str = ""


class Part(msgspec.Struct, frozen=True):
    """One part as the counter draws it: how many there should be, and what was typed."""

    name: str
    most: int
    typed: str


@door.get("/assets/<asset_id>/accessories", summary="配件清单")
async def draw_accessories(request: Request, asset_id: str) -> HTTPResponse:
    """The list as it is, or as it is for equal things."""
    return await draw_form(request, await _sheet(request, asset_id))


@door.post("/assets/<asset_id>/accessories", summary="配件清单")
async def change_accessories(request: Request, asset_id: str) -> HTTPResponse:
    """Replace the list."""

    async def act(actor: Actor, form: AccessoriesForm) -> Done:
        wanted = SetAccessories(asset_id=asset_id, accessories=_read(form.lines))
        try:
            done = await set_accessories(actor, wanted)
        except InvalidInput as error:
            faults = [FieldError("lines", fault.code, **fault.data) for fault in error.fields[:1]]
            raise InvalidInput(error.code, fields=faults, **error.data) from error
        text = f"配件清单有 {len(done.accessories)} 种，出借和归还时逐项清点。" if done.accessories else "没有配件。"
        return Done(f"/admin/assets/{asset_id}", text)

    return await answer_form(request, await _sheet(request, asset_id), AccessoriesForm, act)


def accessory_words(parts: Sequence[Accessory]) -> str:
    """What belongs to a thing, in a line."""
    return "、".join(f"{part.name} {part.pieces}" for part in parts)


def parts_out(parts: Sequence[Accessory], typed: Mapping[str, Any]) -> tuple[Part, ...]:
    """What goes out with a thing, each as it was typed or else complete."""
    return tuple(
        Part(part.name, part.pieces, str(typed.get(f"part-{number}", part.pieces))) for number, part in enumerate(parts)
    )


def parts_back(parts: Sequence[LineAccessoryView], typed: Mapping[str, Any]) -> tuple[Part, ...]:
    """What should be back with a thing and was not ticked off yet."""
    due = [part for part in parts if part.returned is None and part.issued]
    return parts_out([Accessory(part.name, part.issued) for part in due], typed)


def ticked_of(typed: Mapping[str, Any]) -> dict[str, int] | None:
    """How many of each part there are; None where the form had none. InvalidInput beside what is no number."""
    ticked: dict[str, int] = {}
    for number in range(_MOST_PARTS):
        name, pieces = typed.get(f"part-{number}-name"), str(typed.get(f"part-{number}", ""))
        if not isinstance(name, str):
            break
        if not (pieces.isascii() and pieces.isdigit() and len(pieces) <= 4):
            raise InvalidInput(fields=[FieldError(f"part-{number}", "input.wrong_type")])
        ticked[name] = int(pieces)
    return ticked or None


def without_parts(typed: Mapping[str, Any]) -> dict[str, Any]:
    """The other fields of the form."""
    return {name: value for name, value in typed.items() if not re.fullmatch(PARTS, name) and value != ""}


def _read(text: str) -> list[Accessory]:
    parts = []
    for line in filter(None, (line.strip() for line in text.splitlines())):
        found = _LINE.fullmatch(line)
        parts.append(Accessory(found[1].strip(), int(found[2])) if found else Accessory(line, 1))
    return parts


async def _sheet(request: Request, asset_id: str) -> FormPage:
    actor = actor_of(request)
    card, known = await card_view(actor, asset_id), await accessory_list(actor, asset_id)
    return _form(card, known)


def _form(card: AssetView, known: AccessoryList) -> FormPage:
    help_text = "一行一种，后面写件数，如：遥控器 1。不写件数的按 1 件。"
    if known.suggested:
        help_text += "已按同款填好，请核对。"
    return FormPage(
        title=f"{card.name} 配件清单",
        lead="出借时逐项点交，归还时逐项清点；缺了的记入验收，可以要求赔偿。",
        action=f"/admin/assets/{card.id}/accessories",
        fields=(
            Field(
                name="lines",
                label="配件",
                kind="textarea",
                value="\n".join(f"{part.name} {part.pieces}" for part in known.accessories or known.suggested),
                help=help_text,
                required=False,
                rows=6,
            ),
        ),
        submit="保存清单",
        back=Link("返回", f"/admin/assets/{card.id}"),
        crumbs=(Link("台账", "/admin/assets"), Link(card.name, f"/admin/assets/{card.id}"), Link("配件清单")),
    )
