"""How text becomes tokens that either storage keeps as plain words.

Neither storage cuts Chinese into words that people search by (FTS5's trigrams find nothing for one or two characters,
MariaDB has no n-gram parser, a dictionary misses parts of words). So every letter and every pair of neighbours is a
token: pairs find any part of two characters or more, singles find one. Hexadecimal keeps each token one word for
either storage, with no stop word and no minimum length in the way. Beside them stand the sounds: each syllable, and
runs of two and three initials.
"""

import functools
import re
import unicodedata

LONGEST_QUERY = 64
_RUN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff\u3007]+|[^\u3400-\u9fff\U00020000-\U0003ffff\u3007]+")
_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff\u3007]+")
# The digit after the kind's letter says what a token is; it also keeps every token from being a stop word.
_GRAM, _SYLLABLE, _INITIALS = "0", "1", "2"


@functools.lru_cache(maxsize=8192)
def normalized(text: str) -> str:
    """Text as it is indexed: full width folded, lower case, letters and digits only (no blanks, no punctuation)."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    kept = "".join(letter for letter in folded if unicodedata.category(letter)[0] in "LN")
    # Letters that a dropped mark had held apart may now belong together.
    return unicodedata.normalize("NFKC", kept)


def parts_of(text: str) -> list[str]:
    """The normalised parts of a text between blanks and punctuation, none of them empty."""
    folded = unicodedata.normalize("NFKC", text)
    spaced = "".join(letter if unicodedata.category(letter)[0] in "LNM" else " " for letter in folded)
    return [part for part in map(normalized, spaced.split()) if part]


def runs_of(word: str) -> list[str]:
    """A normalised word cut where Chinese meets other letters: `a3打印机` is `a3`, `打印机`."""
    return _RUN.findall(word)


def is_han(word: str) -> bool:
    """Whether a word is Chinese throughout."""
    return _HAN.fullmatch(word) is not None


def term_tokens(kind: str, text: str, syllables: tuple[str, ...], initials: str) -> list[str]:
    """Every token of a term: its parts, its sounds, and its initials."""
    grams = dict.fromkeys([*text, *_pairs(text)])
    runs = dict.fromkeys([*_pairs(initials), *(initials[start : start + 3] for start in range(len(initials) - 2))])
    # A rare character has no sound that anybody could type.
    return [
        *(_gram(kind, gram) for gram in grams),
        *(syllable_token(kind, syllable) for syllable in dict.fromkeys(syllables) if syllable.isascii()),
        *(f"{kind[0]}{_INITIALS}{run}" for run in runs if run.isascii()),
    ]


def part_tokens(kind: str, part: str) -> list[str]:
    """The tokens that a term holding `part` must have: its pairs, or its single letter."""
    return [_gram(kind, gram) for gram in dict.fromkeys(_pairs(part) if len(part) > 1 else [part])]


def pair_tokens(kind: str, text: str) -> list[str]:
    """One token for every pair of neighbours."""
    return [_gram(kind, gram) for gram in dict.fromkeys(_pairs(text))]


def syllable_token(kind: str, syllable: str) -> str:
    """The token of a sound, written as `pinyin.blurred` writes it."""
    return f"{kind[0]}{_SYLLABLE}{syllable}"


def initials_tokens(kind: str, initials: str) -> list[str]:
    """The tokens that a term whose initials hold `initials` (two or more) must have."""
    if len(initials) == 2:
        return [f"{kind[0]}{_INITIALS}{initials}"]
    return [f"{kind[0]}{_INITIALS}{initials[start : start + 3]}" for start in range(len(initials) - 2)]


def _pairs(text: str) -> list[str]:
    return [text[start : start + 2] for start in range(len(text) - 1)]


def _gram(kind: str, gram: str) -> str:
    # Five digits for every letter, so that a pair never reads like a single one. The kind's letter alone keeps kinds
    # from slowing each other's lists; the term's own kind decides.
    return kind[0] + _GRAM + "".join(f"{ord(letter):05x}" for letter in gram)
