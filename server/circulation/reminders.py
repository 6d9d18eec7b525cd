"""When a loan's borrower is reminded: some days before its last day, on it, and after it (rules: Borrow)."""

from collections.abc import Sequence
from datetime import date, timedelta


def due_reminder(steps: Sequence[int], to_day: date, issued_on: date, reminded: int | None, today: date) -> int | None:
    """The latest step whose day has come and that was not told; None where there is nothing to tell.

    `steps`: days from the last day, before it negative, ascending; `reminded`: the latest one told. Steps that nobody
    told while the product was down are passed over: a person hears once how things stand today. A loan shorter than
    the notice would be reminded as it is handed out, so a step of that day or before is left out.
    """
    come = [step for step in steps if to_day + timedelta(days=step) <= today]
    if not come or (reminded is not None and reminded >= come[-1]):
        return None
    is_before_issue = come[-1] < 0 and to_day + timedelta(days=come[-1]) <= issued_on
    return None if is_before_issue else come[-1]
