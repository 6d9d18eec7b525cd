"""Why something was found, in words."""

from server.search.types import Hit, Reason

_ROLES = {
    "name": "名称",
    "category": "品类",
    "model": "型号",
    "brand": "品牌",
    "code": "编号",
    "unit": "单位",
    "specification": "规格",
    "place": "地点",
    "branch": "大类",
}


def words_of(hit: Hit) -> tuple[str, ...]:
    """Such as 名称相符, 同义词“便携式计算机”, 拼音“投影仪”, 近似“投影仪”; each once."""
    return tuple(dict.fromkeys(map(_words, hit.reasons)))


def _words(reason: Reason) -> str:
    if reason.how == "same":
        return f"{_ROLES[reason.role]}相符"
    if reason.how == "synonym":
        return f"同义词“{reason.found}”"
    if reason.how == "pinyin":
        return f"拼音“{reason.found}”"
    if reason.how == "initials":
        return f"拼音首字母“{reason.found}”"
    return f"近似“{reason.found}”"
