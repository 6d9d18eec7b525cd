"""What people type is read as they mean it: synonyms, sounds, initials, words written together, slips of the finger."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.kernel.runtime import Runtime
from server.search import fitting
from server.search.fields import Field, Role
from server.search.pinyin import blurred, cut_letters, heard_in, initials_of, syllables_of
from server.search.thesaurus import Thesaurus, read_groups, shipped_text
from tests.search.test_search import SYSTEM, index_now, named, ranking

SHELF = {
    "laptop": [Field(Role.NAME, "便携式计算机"), Field(Role.BRAND, "联想"), Field(Role.UNIT, "临平区教育局")],
    "projector": [Field(Role.NAME, "投影仪"), Field(Role.BRAND, "爱普生"), Field(Role.MODEL, "CB-X06")],
    "lamp": [Field(Role.NAME, "投影仪灯泡"), Field(Role.BRAND, "爱普生")],
    "desk": [Field(Role.NAME, "办公桌"), Field(Role.SPECIFICATION, "1.6 米"), Field(Role.PLACE, "重庆厅")],
    "chair": [Field(Role.NAME, "会议椅"), Field(Role.UNIT, "临平区教育局"), Field(Role.BRANCH, "家具")],
    "shredder": [Field(Role.NAME, "碎纸机"), Field(Role.BRAND, "得力")],
    "printer": [Field(Role.NAME, "打印机"), Field(Role.CATEGORY, "A4黑白打印机")],
}
READ = {
    # part words, and the thing itself before its lamp
    "投影": ["projector", "lamp"],
    "投影仪": ["projector", "lamp"],
    "家具": ["chair"],
    # synonyms, also of brands
    "笔记本": ["laptop"],
    "手提电脑": ["laptop"],
    "写字台": ["desk"],
    "epson cbx06": ["projector"],
    # sounds and initials; 重庆 by the word it stands in
    "touyingyi": ["projector", "lamp"],
    "bangongz": ["desk"],
    "tyy": ["projector", "lamp"],
    "dyj": ["printer"],
    "chongqing": ["desk"],
    "bijiben": ["laptop"],
    "bjb": ["laptop"],
    # words written together, and what asks for nothing
    "联想笔记本": ["laptop"],
    "教育局会议椅": ["chair"],
    "我要借投影仪cbx06": ["projector"],
    "二手办公桌": ["desk"],
    "A4打印机": ["printer"],
    # a wrong homophone, a wrong, missing, added and swapped character
    "投影以": ["projector", "lamp"],
    "碎纸鸡": ["shredder"],
    "会义椅": ["chair"],
    "办工桌": ["desk"],
    "投景仪": ["projector", "lamp"],
    "便携计算机": ["laptop"],
    "便携式式计算机": ["laptop"],
    "影投仪": ["projector", "lamp"],
    "爱普升": ["projector", "lamp"],
    "cbx60": ["projector"],
    "touyinyi": ["projector"],
    # not there, and nothing like it
    "空调": [],
    "电脑桌": [],
    "投影机器人": [],
    "kongtiao": [],
    "联想 投影仪": [],
}


@pytest.fixture
async def shelf(runtime: Runtime) -> None:
    await index_now(SYSTEM, "thing", SHELF)


async def test_words_are_read_as_people_mean_them(shelf: None):
    read = {}
    for text in READ:
        hits = (await ranking(text)).hits
        best = hits[0].score if hits else 0
        read[text] = [hit.id for hit in hits if hit.score > 0.55 * best]
    assert read == READ


@pytest.mark.parametrize(
    ("text", "how", "role", "term"),
    [
        ("投影仪", "same", "name", "投影仪"),
        ("爱普生", "same", "brand", "爱普生"),
        ("笔记本", "synonym", "name", "便携式计算机"),
        ("touying", "pinyin", "name", "投影仪"),
        ("tyy", "initials", "name", "投影仪"),
        ("头影仪", "spelling", "name", "投影仪"),
    ],
)
async def test_every_hit_says_why(shelf: None, text: str, how: str, role: str, term: str):
    reasons = [reason for hit in (await ranking(text)).hits for reason in hit.reasons]
    assert (text, how, role, term) in {(each.word, each.how, each.role, each.found) for each in reasons}


async def test_what_was_meant_is_said_only_when_nothing_has_the_word(shelf: None):
    assert (await ranking("头影仪")).reads_as == (("头影仪", "投影仪"),)
    assert (await ranking("投影仪")).reads_as == ()
    assert (await ranking("笔记本")).reads_as == ()


async def test_slips_are_not_looked_for_when_enough_is_found(runtime: Runtime):
    things = {f"t{number}": named("投影仪") for number in range(3)}
    await index_now(SYSTEM, "thing", {**things, "near": named("投景仪")})
    assert "near" not in {hit.id for hit in (await ranking("投影仪")).hits}
    assert {hit.id for hit in (await ranking("投景仪")).hits} == {*things, "near"}


def test_characters_sound_as_in_the_word_they_stand_in():
    assert syllables_of("重庆长城") == ("chong", "qing", "chang", "cheng")
    assert syllables_of("会议音响") == ("hui", "yi", "yin", "xiang")
    assert syllables_of("cbx06") == ()
    assert initials_of(syllables_of("led显示屏")) == "ledxsp"
    assert initials_of(syllables_of("投影仪")) == "tyy"


def test_letters_are_cut_into_syllables_every_way():
    assert (("tou", "ying", "yi"), "") in cut_letters("touyingyi")
    assert {(("xian",), ""), (("xi", "an"), "")} <= set(cut_letters("xian"))
    assert cut_letters("touyingy")[0] == (("tou", "ying"), "y")
    assert cut_letters("zzz") == []
    assert heard_in("touyngyi") == ("tou", "yi")
    assert [blurred(sound) for sound in ("zhang", "cheng", "shu", "bin")] == ["zan", "cen", "su", "bin"]


def test_groups_are_read_line_by_line():
    thesaurus = Thesaurus(read_groups("# 电脑\n笔记本 = 便携式 计算机\n\n单独的词\n笔记本 = ThinkPad # 品牌\n"))
    assert thesaurus.meaning("笔记本") == ["便携式计算机", "thinkpad"]
    assert thesaurus.meaning("便携式计算机") == ["笔记本"]
    assert thesaurus.sounding("bjb") == thesaurus.sounding("bijiben") == ["笔记本"]
    assert thesaurus.meaning("没有的词") == [] and "单独的词" in thesaurus


def test_the_shipped_list_is_large_and_clean():
    groups = read_groups(shipped_text())
    assert sum(map(len, groups)) >= 500
    assert all(len(group) > 1 and all(group) and len(set(group)) == len(group) for group in groups)


@given(st.text(alphabet="投影仪办公桌打印机", min_size=3, max_size=6), st.data())
def test_one_slip_is_forgiven_wherever_it_is(word: str, data: st.DataObject):
    place = data.draw(st.integers(0, len(word) - 1))
    missing = word[:place] + word[place + 1 :]
    doubled = word[: place + 1] + word[place:]
    for typed in (missing, doubled):
        assert fitting.fit_of_slip(typed, syllables_of(typed), word, syllables_of(word)) > 0


@given(st.text(alphabet="abc投影", max_size=5), st.text(alphabet="abc投影", max_size=5))
def test_fits_are_shares_of_one(part: str, text: str):
    if part and text:
        fits = [
            fitting.fit_of_part(part, text),
            fitting.fit_of_pinyin(part, syllables_of(text)),
            fitting.fit_of_initials(part, syllables_of(text)),
            fitting.fit_of_slip(part, syllables_of(part), text, syllables_of(text)),
        ]
        assert all(0 <= fit <= 1 for fit in fits)
        assert (fits[0] == 1) == (part == text)
