# ruff: noqa: S608 - conditions are written in the code; what comes from outside is bound
"""Versions of policies, as the audit names them; they are found on the policies' own pages."""

from server.kernel.audit.subjects import Subject, register_subject
from server.kernel.storage.database import Reader
from server.policies.types import KIND_NAMES


async def _find(rows: Reader, text: str) -> list[Subject]:
    return [Subject("policy_version", version_id, label) for version_id, label in (await _name(rows, [text])).items()]


async def _name(rows: Reader, ids: list[str]) -> dict[str, str]:
    found = await rows.fetch_all(
        "SELECT v.id, v.kind, v.version, r.name AS region FROM policy_version v"
        f" LEFT JOIN region r ON r.code = v.region_code WHERE v.id IN ({', '.join('?' * len(ids))})",
        *ids,
    )
    return {
        row["id"]: f"{row['region'] or '内置'}{KIND_NAMES.get(row['kind'], row['kind'])}政策第 {row['version']} 版"
        for row in found
    }


register_subject("policy_version", find=_find, name=_name)
