"""Jobs that run by the clock. A domain registers its own in its `jobs.py`; `server.jobs` runs them in one process."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import NamedTuple

Job = Callable[[], Awaitable[None]]


class Scheduled(NamedTuple):
    """A job, how often it runs, and for how long one run may hold its lease."""

    job: Job
    every: timedelta
    lease: timedelta


_jobs: dict[str, Scheduled] = {}


def every(interval: timedelta, name: str, *, lease: timedelta = timedelta(minutes=2)) -> Callable[[Job], Job]:
    """Run the decorated coroutine function every `interval`; each run opens its own commands."""

    def register(job: Job) -> Job:
        if name in _jobs and _jobs[name].job is not job:
            raise ValueError(f"two jobs named {name}")
        _jobs[name] = Scheduled(job, interval, lease)
        return job

    return register


def scheduled_jobs() -> dict[str, Scheduled]:
    """All registered jobs by name."""
    return dict(_jobs)
