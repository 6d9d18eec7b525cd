"""The copy of what is held about a person, as a file that both people and programs read (个人信息保护法 45)."""

import msgspec

from server.identity.commands import PersonalData


def copy_of(data: PersonalData) -> bytes:
    """UTF-8 JSON, indented, its keys in Chinese."""
    content = {
        "姓名": data.name,
        "信息": [
            {
                "类别": each.label,
                "内容": each.content,
                "条数": each.number,
                "目的与依据": each.basis,
                "依法留存": each.is_kept,
            }
            for each in data.records
        ],
    }
    return msgspec.json.format(msgspec.json.encode(content), indent=2)
