"""What a ledger's words mean among our categories, places and people. Nearest is only an offer, until confirmed."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from server.assets.importing.values import key_of
from server.classification.types import CategoryFacts
from server.places.types import PlaceFacts

MOST_CANDIDATES = 5
# Below this likeness an offer would only mislead.
_LEAST_LIKENESS = 0.34
# What ledgers call things, and what the catalogue calls them.
_OTHER_NAMES = {
    "笔记本": "便携式计算机",
    "笔记本电脑": "便携式计算机",
    "手提电脑": "便携式计算机",
    "电脑": "台式计算机",
    "台式电脑": "台式计算机",
    "计算机": "台式计算机",
    "微机": "台式计算机",
    "电脑主机": "台式计算机",
    "平板电脑": "平板式计算机",
    "投影机": "投影仪",
    "一体机": "多功能一体机",
    "相机": "数字照相机",
    "照相机": "数字照相机",
    "交换机": "交换设备",
    "空调": "空调机",
    "椅子": "办公椅",
    "桌子": "办公桌",
    "铁皮柜": "文件柜",
    "档案柜": "文件柜",
}


class Categories:
    """The goods of the catalogue that a card may be of."""

    def __init__(self, leaves: Iterable[CategoryFacts]) -> None:
        self.by_code = {leaf.code: leaf for leaf in leaves}
        self._by_name: dict[str, list[str]] = defaultdict(list)
        self._by_pair: dict[str, set[str]] = defaultdict(set)
        for leaf in self.by_code.values():
            self._by_name[key_of(leaf.name)].append(leaf.code)
            for pair in _pairs(key_of(leaf.name)):
                self._by_pair[pair].add(leaf.code)
        self._near: dict[str, list[str]] = {}

    def code_of(self, text: str) -> str | None:
        """The category whose code this is, in either case."""
        return code if (code := text.upper()) in self.by_code else None

    def named(self, text: str) -> str | None:
        """The one category of exactly this name."""
        codes = self._by_name.get(key_of(text), [])
        return codes[0] if len(codes) == 1 else None

    def near(self, text: str) -> list[str]:
        """The categories whose names are most like a text, best first."""
        key = key_of(text)
        if key not in self._near:
            self._near[key] = self._nearest(key)
        return self._near[key]

    def _nearest(self, key: str) -> list[str]:
        known = [code for word in (key, key_of(_OTHER_NAMES.get(key, ""))) for code in self._by_name.get(word, [])]
        pairs = _pairs(key)
        shared = Counter(code for pair in pairs for code in self._by_pair.get(pair, ()))
        scored = []
        for code, common in shared.items():
            name = key_of(self.by_code[code].name)
            likeness = 2 * common / (len(pairs) + len(_pairs(name)))
            # 会议椅（弓形） is a 会议椅, whatever else is said of it.
            if name in key:
                likeness += 0.5
            if likeness >= _LEAST_LIKENESS:
                scored.append((-likeness, code))
        return list(dict.fromkeys([*known, *(code for _, code in sorted(scored))]))[:MOST_CANDIDATES]


def _pairs(text: str) -> set[str]:
    return {text[start : start + 2] for start in range(len(text) - 1)} or {text}


class Places:
    """The open places of the unit, by the ways in which people name them."""

    def __init__(self, places: Iterable[PlaceFacts]) -> None:
        self.by_id = {place.id: place for place in places}
        self._named: dict[str, set[str]] = defaultdict(set)
        for place in self.by_id.values():
            steps = place.full_name.split(" / ")
            for name in (place.code, *("".join(steps[start:]) for start in range(len(steps)))):
                self._named[_place_key(name)].add(place.id)

    def find(self, text: str) -> str | None:
        """The one place that a text names."""
        found = self._named.get(_place_key(text), set())
        return next(iter(found)) if len(found) == 1 else None

    def near(self, text: str) -> list[str]:
        """Places whose names share most with a text."""
        pairs = _pairs(_place_key(text))
        scored = sorted(
            (-len(pairs & _pairs(_place_key(place.full_name))), place.full_name, place.id)
            for place in self.by_id.values()
        )
        return [place_id for shared, _, place_id in scored if shared][:MOST_CANDIDATES]


def _place_key(text: str) -> str:
    return "".join(letter for letter in key_of(text) if letter not in "/-—>\\、,.")


class People:
    """The people who work in the unit; two of one name are told apart by nobody but them."""

    def __init__(self, people: Iterable[tuple[str, str]]) -> None:
        self.names = dict(people)
        self._named: dict[str, list[str]] = defaultdict(list)
        for person_id, name in self.names.items():
            self._named[key_of(name)].append(person_id)

    def find(self, text: str) -> str | None:
        """The one person of this name."""
        found = self._named.get(key_of(text), [])
        return found[0] if len(found) == 1 else None

    def near(self, text: str) -> list[str]:
        """The people of this name, where there are several."""
        return self._named.get(key_of(text), [])[:MOST_CANDIDATES]
