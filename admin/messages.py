"""The desk's own sentences: what goes wrong before any domain is asked."""

from server.kernel.messages import register_messages

register_messages(
    {
        "desk.amount_malformed": "金额请写成 4699.00 的样子，最多两位小数。",
        "desk.number_list_malformed": "请写成用逗号隔开的整数，如 -3, 0, 1, 7。",
        "desk.calendar_line": "第 {line} 行看不懂，请写成：2026-10-01 休 国庆节。",
        "desk.ledger_of_nobody": "从文件名“{name}”认不出是哪个单位的台账，请改文件名，或单独上传并选择单位。",
        "desk.not_a_text_file": "读不出这个文件，请另存为 CSV（UTF-8 或 GBK）再试。",
        "desk.no_picture": "请选择一张照片。",
    }
)
