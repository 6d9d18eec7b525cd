"""Chinese sentences of the search, by error code."""

MESSAGES: dict[str, str] = {
    "search.synonyms_changed": "别人刚刚改过同义词表，请刷新后在新的表上修改。",
    "search.synonyms_unchanged": "同义词表没有变化，不必保存。",
    "search.synonyms_lone": "第 {row} 行只有一个词：每行至少写两个意思相同的词，用“=”隔开。",
    "search.synonyms_long": "第 {row} 行有词超过 {limit} 个字，或全是标点。",
    "search.synonyms_many": "同义词表最多 {limit} 行。",
}
