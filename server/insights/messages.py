"""Chinese sentences of the insights domain, by error code."""

MESSAGES: dict[str, str] = {
    "year.out_of_range": "只有 {first} 年到 {last} 年的小结。",
}
