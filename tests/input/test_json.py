"""The JSON door: every field of every body and query in turn."""

from typing import Any

import httpx
import msgspec

from server.kernel.ids import new_id
from server.kernel.messages import has_message
from server.web.routes import ROUTES
from tests.access.conftest import Trial
from tests.access.stored import changes, contents
from tests.input.hostile import BROKEN_BODIES, CONTROL, ENDLESS, TEXTS, VALUES, encoded, must_refuse
from tests.input.sending import Way, send, ways

ABSENT = object()
# Whom one names by these is looked for, so an endless or strange one is simply not found.
NAMES_SOMETHING = ("_id", "code", "text", "ticket", "invitation", "login_name")


def refusal_of(answer: httpx.Response, status: set[int]) -> str:
    """What is wrong with a refusal: status, code, Chinese sentences. Empty where nothing is."""
    if answer.status_code not in status:
        return f"{answer.status_code} {answer.text[:200]}"
    body = answer.json()
    told = [body, *body["data"].get("fields", [])]
    for each in told:
        if not has_message(each["code"]) or not is_chinese(each["message"]) or "{" in each["message"]:
            return f"{each['code']}: {each['message']}"
    return ""


def is_chinese(text: str) -> bool:
    return any("\u4e00" <= letter <= "\u9fff" for letter in text)


def fields_of(answer: httpx.Response) -> set[str]:
    """The wrong fields by their first name."""
    return {each["field"].partition(".")[0].partition("[")[0] for each in answer.json()["data"].get("fields", [])}


async def json_ways(trial: Trial, *methods: str) -> list[Way]:
    return [way for way in await ways(trial) if way.is_json and way.case.method in methods]


async def test_field_is_named_and_nothing_is_stored_when_its_value_is_none_of_its_type(trial: Trial) -> None:
    sent = [way for way in await json_ways(trial, "POST", "DELETE") if ROUTES[way.case.key].body]
    before, faults = await contents(), []
    for way in sent:
        for field in msgspec.structs.fields(ROUTES[way.case.key].body):
            name = field.encode_name
            wrong = [value for value in VALUES if must_refuse(value, field.type)]
            wrong += [ABSENT] if field.required else []
            wrong += list(CONTROL) if not must_refuse("文字", field.type) else []
            for value in wrong:
                body = {key: each for key, each in way.body.items() if key != name}
                answer = await send(trial.client, way, encoded(body if value is ABSENT else {**body, name: value}))
                fault = refusal_of(answer, {400})
                if fault or fields_of(answer) != {name}:
                    faults.append(f"{way} {name}={str(value)[:40]!r}: {fault or fields_of(answer)}")
    faults += changes(before, await contents())
    assert sent
    assert not faults, "\n".join(faults)


async def test_endless_text_is_refused_and_nothing_is_stored(trial: Trial) -> None:
    sent = [way for way in await json_ways(trial, "POST") if ROUTES[way.case.key].body]
    before, faults = await contents(), []
    for way in sent:
        for field in msgspec.structs.fields(ROUTES[way.case.key].body):
            if must_refuse("123456", field.type):
                continue
            name = field.encode_name
            answer = await send(trial.client, way, encoded({**way.body, name: ENDLESS}))
            status = {400, 401, 404} if name.endswith(NAMES_SOMETHING) or "session" in way.case.path else {400}
            if fault := refusal_of(answer, status):
                faults.append(f"{way} {name}: {fault}")
    faults += changes(before, await contents())
    assert not faults, "\n".join(faults)


async def test_nothing_breaks_when_a_text_looks_like_code(trial: Trial) -> None:
    faults = []
    for way in await json_ways(trial, "POST"):
        for name in [field.encode_name for field in fields_of_body(way)]:
            for text in TEXTS:
                answer = await send(trial.client, way, encoded({**way.body, name: text}))
                if answer.status_code >= 500 or (
                    answer.status_code >= 400 and refusal_of(answer, {answer.status_code})
                ):
                    faults.append(f"{way} {name}={text!r}: {answer.status_code} {answer.text[:200]}")
    assert not faults, "\n".join(faults)


def fields_of_body(way: Way) -> tuple[Any, ...]:
    type_ = ROUTES[way.case.key].body
    return msgspec.structs.fields(type_) if type_ else ()


async def test_body_is_refused_when_it_is_no_json_object(trial: Trial) -> None:
    sent = [way for way in await json_ways(trial, "POST") if ROUTES[way.case.key].body]
    before, faults = await contents(), []
    for way in sent:
        for content in BROKEN_BODIES:
            answer = await send(trial.client, way, content)
            if fault := refusal_of(answer, {400}):
                faults.append(f"{way} {content[:20]!r}: {fault}")
    faults += changes(before, await contents())
    assert not faults, "\n".join(faults)


async def test_body_is_too_large_when_it_comes_in_pieces_without_a_length(trial: Trial) -> None:
    way = next(way for way in await json_ways(trial, "POST") if way.case.path == "/mini/v1/borrowings")

    async def pieces() -> Any:
        yield b'{"purpose": "'
        for _ in range(30):
            yield b"x" * 40_000
        yield b'"}'

    answer = await send(trial.client, way, content=pieces(), headers={"Content-Type": "application/json"})
    assert not (fault := refusal_of(answer, {413})), fault


async def test_the_last_of_two_equal_keys_counts_or_the_body_is_refused(trial: Trial) -> None:
    way = next(way for way in await json_ways(trial, "POST") if way.case.path.endswith("/closure"))
    answer = await send(trial.client, way, b'{"reason": "\xe4\xb8\x80", "reason": 5}')
    assert not (fault := refusal_of(answer, {400})), fault


async def test_write_is_refused_when_its_key_is_missing_or_malformed(trial: Trial) -> None:
    sent = await json_ways(trial, "POST", "DELETE")
    before, faults = await contents(), []
    for way in sent:
        for key in ("", "short", "x" * 65, "a b c d e f g h", "<script>alert(1)</script>"):
            answer = await send(trial.client, way, headers={"Idempotency-Key": key})
            if fault := refusal_of(answer, {400}):
                faults.append(f"{way} {key!r}: {fault}")
    faults += changes(before, await contents())
    assert not faults, "\n".join(faults)


async def test_query_is_refused_or_answered_when_a_parameter_is_strange(trial: Trial) -> None:
    faults = []
    for way in await json_ways(trial, "GET"):
        type_ = ROUTES[way.case.key].query
        for field in msgspec.structs.fields(type_) if type_ else ():
            for value in (*TEXTS, *CONTROL, "长" * 5_000, "x" * 300, new_id(), "W10", "WyJhIl0", "e30"):
                answer = await send(trial.client, way, params={**way.query, field.encode_name: value})
                good = {200, 400, 404} if field.encode_name in {"text", "cursor"} else {200, 400}
                fault = "" if answer.status_code == 200 else refusal_of(answer, good)
                if fault:
                    faults.append(f"{way} {field.encode_name}={value[:40]!r}: {fault}")
        answer = await send(trial.client, way, params={**way.query, "no_such_parameter": "1"})
        if type_ and (refusal_of(answer, {400}) or fields_of(answer) != {"no_such_parameter"}):
            faults.append(f"{way} unknown parameter: {answer.status_code}")
    assert not faults, "\n".join(faults)
