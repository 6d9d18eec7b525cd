"""What identity holds about a person: the account, its ways in, posts and roles, and what was signed."""

from server.identity.commands.second_factor import TOTP_FIELD
from server.identity.data_desk import PersonalRecord, counted, register_personal_data
from server.identity.models import Person
from server.identity.types import RowSource
from server.identity.views import PHONE_FIELD
from server.identity.wechat import OPENID_FIELD
from server.kernel.runtime import current_runtime
from server.kernel.sealed import seal_column
from server.kernel.unit_of_work import UnitOfWork

_DUTY = "履行法定职责所必需（个人信息保护法第十三条第三项）"
_RECORDS = "依法留存的管理记录（个人信息保护法第四十七条第二款）"
_LOGS = "网络日志留存（网络安全法）"
seal_column("person", "phone_sealed", PHONE_FIELD)
seal_column("person", "totp_sealed", TOTP_FIELD)
seal_column("person", "wechat_sealed", OPENID_FIELD)


async def describe_account(rows: RowSource, person_id: str) -> list[PersonalRecord]:
    """The account's own fields, as they are; secrets are said to be there, never shown."""
    person = await rows.fetch_one(
        "SELECT name, login_name, phone_sealed, password_hash, totp_sealed, wechat_index FROM person WHERE id = ?",
        person_id,
    )
    if person is None:
        return []
    phone = person["phone_sealed"] and current_runtime().cipher.decrypt(PHONE_FIELD, person["phone_sealed"])
    fields = (
        ("姓名", person["name"]),
        ("登录名", person["login_name"]),
        ("手机号", phone),
        ("登录口令", person["password_hash"] and "已设置，只存校验值"),
        ("动态口令", person["totp_sealed"] and "已设置，加密保存"),
        ("微信绑定", person["wechat_index"] and "已绑定，加密保存微信用户标识"),
    )
    own = [PersonalRecord(label, str(value), 1, _DUTY) for label, value in fields if value]
    return own + await _around(rows, person_id)


async def _around(rows: RowSource, person_id: str) -> list[PersonalRecord]:
    grants = "SELECT COUNT(*) AS number FROM role_grant g JOIN post o ON o.id = g.post_id WHERE o.person_id = ?"
    found = [
        *await counted(
            rows, "登录记录", _LOGS, "SELECT COUNT(*) AS number FROM session WHERE person_id = ?", person_id
        ),
        *await counted(rows, "任职岗位", _DUTY, "SELECT COUNT(*) AS number FROM post WHERE person_id = ?", person_id),
        *await counted(rows, "授权与收回", _DUTY, grants, person_id),
    ]
    found += await counted(
        rows,
        "代办委托",
        _RECORDS,
        "SELECT COUNT(*) AS number FROM delegation WHERE from_person_id = ? OR to_person_id = ?",
        person_id,
        person_id,
        is_kept=True,
    )
    found += await counted(
        rows,
        "交接清单",
        "上海市机关运行保障条例第十五条、第二十二条，交接清单长期保存",
        "SELECT COUNT(*) AS number FROM handover WHERE ? IN (from_person_id, to_person_id, signed_by)",
        person_id,
        is_kept=True,
    )
    found += await counted(
        rows,
        "单位变更的提出与确认",
        _RECORDS,
        "SELECT COUNT(*) AS number FROM unit_change WHERE proposed_by = ? OR decided_by = ?",
        person_id,
        person_id,
        is_kept=True,
    )
    feeds = "SELECT COUNT(*) AS number FROM feed_key WHERE person_id = ?"
    found += await counted(rows, "日历订阅地址", "本人开通；只存校验值", feeds, person_id)
    return found + await counted(
        rows,
        "操作审计",
        "审计记录不得修改和删除（网络安全法关于日志留存的规定）",
        "SELECT COUNT(*) AS number FROM audit_event WHERE actor_id = ?",
        person_id,
        is_kept=True,
    )


async def erase_account(uow: UnitOfWork, person_id: str) -> int:
    """The ways to reach and to log in the person: phone, password, second factor, WeChat, sessions, invitations."""
    await uow.change(
        Person,
        {"id": person_id},
        phone_sealed=None,
        phone_index=None,
        password_hash=None,
        totp_sealed=None,
        is_totp_confirmed=False,
        wechat_sealed=None,
        wechat_index=None,
    )
    gone = await uow.execute("DELETE FROM session WHERE person_id = ?", person_id)
    gone += await uow.execute("DELETE FROM feed_key WHERE person_id = ?", person_id)
    return 1 + gone + await uow.execute("DELETE FROM invitation WHERE person_id = ?", person_id)


register_personal_data("identity", describe_account, erase_account)
