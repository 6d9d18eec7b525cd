"""Counts and durations in the text format that Prometheus reads. One process's own; scrape each."""

from bisect import bisect_left
from collections import defaultdict

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_requests: dict[tuple[str, str, int], int] = defaultdict(int)
_slots: dict[tuple[str, str], list[int]] = {}
_sums: dict[tuple[str, str], float] = defaultdict(float)


def observe(method: str, route: str, status: int, seconds: float) -> None:
    """Note one answered request."""
    _requests[method, route, status] += 1
    key = (method, route)
    slots = _slots.setdefault(key, [0] * (len(_BUCKETS) + 1))
    slots[bisect_left(_BUCKETS, seconds)] += 1
    _sums[key] += seconds


def text(gauges: dict[str, float]) -> str:
    """Everything observed so far; `gauges`: further values by name."""
    lines = ["# TYPE gwc_requests_total counter"]
    for (method, route, status), number in sorted(_requests.items()):
        lines.append(f'gwc_requests_total{{method="{method}",route="{route}",status="{status}"}} {number}')
    lines.append("# TYPE gwc_request_seconds histogram")
    for (method, route), slots in sorted(_slots.items()):
        labels, running = f'method="{method}",route="{route}"', 0
        for limit, number in zip((*map(str, _BUCKETS), "+Inf"), slots, strict=True):
            running += number
            lines.append(f'gwc_request_seconds_bucket{{{labels},le="{limit}"}} {running}')
        lines.append(f"gwc_request_seconds_sum{{{labels}}} {_sums[method, route]:.6f}")
        lines.append(f"gwc_request_seconds_count{{{labels}}} {running}")
    for name, value in sorted(gauges.items()):
        lines += [f"# TYPE {name} gauge", f"{name} {value}"]
    return "\n".join(lines) + "\n"
