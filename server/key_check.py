"""Whether the configured keys are those that the database was written with, before anything more is written.

With another AUDIT_KEY each new row would be "edited" for ever; with another FIELD_KEYS no telephone could be read.
"""

from server.kernel.audit.verify import fits_end
from server.kernel.crypto import FieldCipher
from server.kernel.sealed import opens_fields
from server.kernel.storage.database import Database
from server.settings import Secrets, SettingsError


async def check_keys(database: Database, keys: Secrets) -> None:
    """Raise SettingsError where no row of the audit's end fits AUDIT_KEY, or no sealed field opens with FIELD_KEYS."""
    async with database.reading() as reader:
        if not await fits_end(reader, keys.audit):
            raise SettingsError("AUDIT_KEY 与数据库的审计链不符：请换回写这个库的密钥，否则新的审计记录会无法核对")
        if not await opens_fields(reader, FieldCipher(keys.field_keys, keys.main)):
            raise SettingsError("FIELD_KEYS 打不开数据库里已加密的个人信息：请把写这个库的密钥配回来")
