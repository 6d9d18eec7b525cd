"""How many pieces a rule allows, where its words can be computed from the headcount (编制内实有人数).

Two shapes are understood: a share of the headcount (`≤编制内实有人数的50%`, perhaps another share for 涉密单位), and
so many pieces for so many people (`100人以内每20人1台，超出部分每30人1台`). Other words are kept and compute nothing.
"""

import re

import msgspec

_NOISE = re.compile(r"[\s，,；;。：:（）()]+")
_SHARE = re.compile(r"(?:[≤<不超过]*)编制内实有人数的(\d{1,3})%(?:.*?涉密单位[≤<不超过]*(\d{1,3})%)?")
_PER_PEOPLE = re.compile(r"(\d{1,6})人以内每(\d{1,5})人(\d{1,4})\D.*?超出部分每(\d{1,5})人(\d{1,4})")


class Share(msgspec.Struct, frozen=True, tag=True):
    """So many per cent of the headcount; a unit that handles state secrets (涉密单位) may have its own share."""

    percent: int
    confidential_percent: int

    def allowed(self, headcount: int, *, is_confidential: bool = False) -> int:
        """Whole pieces: 不超过 50% of 7 people is 3."""
        return headcount * (self.confidential_percent if is_confidential else self.percent) // 100


class PerPeople(msgspec.Struct, frozen=True, tag=True):
    """`pieces` for every `people` up to `limit` people, `more_pieces` for every `more_people` beyond."""

    limit: int
    people: int
    pieces: int
    more_people: int
    more_pieces: int

    def allowed(self, headcount: int, *, is_confidential: bool = False) -> int:
        """A group begun counts as a whole one: the standard only warns, so the reading is the generous one."""
        within, beyond = min(headcount, self.limit), max(headcount - self.limit, 0)
        return -(-within // self.people) * self.pieces + -(-beyond // self.more_people) * self.more_pieces


QuantityRule = Share | PerPeople


def parse_quantity(words: str) -> QuantityRule | None:
    """The rule that the words say, or None where they say none that can be computed."""
    text = _NOISE.sub("", words.translate(str.maketrans("０１２３４５６７８９％", "0123456789%")))
    if found := _SHARE.search(text):
        percent = int(found[1])
        return Share(percent, int(found[2]) if found[2] else percent)
    if found := _PER_PEOPLE.search(text):
        limit, people, pieces, more_people, more_pieces = map(int, found.groups())
        return PerPeople(limit, people, pieces, more_people, more_pieces) if people and more_people else None
    return None
