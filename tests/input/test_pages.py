"""The pages: every field of every form, and every parameter of every list."""

import re

import httpx

from tests.access.conftest import Trial
from tests.access.stored import changes, contents
from tests.input.hostile import CONTROL, ENDLESS, IDS, PARAMETERS, TEXTS
from tests.input.sending import Way, send, ways
from tests.input.test_json import is_chinese, refusal_of

SCRIPT = "<script>alert(1)</script>"
# What names something is looked for; what is no word of the form's own is left out of it.
FOUND = re.compile(r"_id$|^code$|^region_code$")
HIDDEN = {"next", "theme", "version", "base_version"}
# Goes along for the page that comes next, and is not read for the act.
UNREAD = {("/admin/desk/inspection", "code")}


def fault_of(answer: httpx.Response, good: set[int]) -> str:
    """What is wrong with a page: its status, its words, or typed script in it."""
    if answer.status_code not in good:
        return f"{answer.status_code} {answer.text[:100] if answer.status_code >= 500 else ''}"
    if answer.status_code >= 400 and not is_chinese(answer.text):
        return "no sentence"
    return "script in the page" if "<script>alert" in answer.text else ""


async def page_ways(trial: Trial, method: str) -> list[Way]:
    """Pages and forms; logging out ends the session that the others need."""
    ended = {"/logout", "/switch-unit"}
    found = [way for way in await ways(trial) if not way.is_json and way.case.method == method]
    return [way for way in found if way.case.path not in ended]


async def test_form_is_drawn_again_and_nothing_is_stored_when_a_field_is_impossible(trial: Trial) -> None:
    sent = [way for way in await page_ways(trial, "POST") if way.body]
    before, faults = await contents(), []
    for way in sent:
        for name in way.body.keys() - HIDDEN:
            if (way.case.path, name) in UNREAD:
                continue
            for value in (CONTROL[0], ENDLESS):
                answer = await send(trial.client, way, {**way.body, name: value})
                # A login says only that the two do not fit, or that no code is waited for.
                good = {400, 401, 404, 409} if FOUND.search(name) or "/login" in way.case.path else {400}
                if fault := fault_of(answer, good):
                    faults.append(f"{way} {name}={value[:6]!r}: {fault}")
    after = await contents()
    before["login_failure"] = after["login_failure"]  # a wrong password is counted, as it should be
    faults += changes(before, after)
    assert sent
    assert not faults, "\n".join(faults)


async def test_nothing_breaks_when_a_field_of_a_form_is_missing_strange_or_sent_twice(trial: Trial) -> None:
    faults = []
    for way in await page_ways(trial, "POST"):
        for name in way.body:
            without = {key: value for key, value in way.body.items() if key != name}
            bodies = [without, *({**without, name: text} for text in TEXTS), {**without, name: ["一", "二"]}]
            for body in bodies:
                answer = await send(trial.client, way, body)
                if answer.status_code >= 500 or "<script>alert" in answer.text:
                    faults.append(f"{way} {name}={body.get(name)!r}: {answer.status_code} {answer.text[:200]}")
    assert not faults, "\n".join(faults)


async def test_list_answers_when_its_parameters_are_strange(trial: Trial) -> None:
    faults = []
    for way in await page_ways(trial, "GET"):
        if "<" in way.case.path:
            continue
        tried = [dict.fromkeys(PARAMETERS, value) for value in (SCRIPT, "-1", "2026-02-30", "9" * 30, "\u0000", "%")]
        tried += [{name: TEXTS[number % len(TEXTS)]} for number, name in enumerate(PARAMETERS)]
        for params in tried:
            answer = await send(trial.client, way, params=params)
            if fault := fault_of(answer, {200, 303, 302, 400, 404}):
                faults.append(f"{way} {list(params.items())[:1]}: {fault}")
    assert not faults, "\n".join(faults)


async def test_address_is_not_found_and_nothing_is_stored_when_its_id_is_strange(trial: Trial) -> None:
    sent = [way for way in await ways(trial) if "<" in way.case.path and way.case.path != "/s/<token>"]
    before, faults = await contents(), []
    for way in sent:
        for given in IDS:
            address = "/".join(given if part.startswith("<") else part for part in way.case.path.split("/"))
            answer = await send(trial.client, way, address=address)
            # At the desk the scanned code is looked for first, and the thing is on no such paper.
            good = {404, 400, 409} if way.case.path.endswith("/issue") else {404, 400}
            fault = refusal_of(answer, good) if way.is_json else fault_of(answer, good)
            if fault:
                faults.append(f"{way} {given[:20]}: {fault}")
    faults += changes(before, await contents())
    assert not faults, "\n".join(faults)
