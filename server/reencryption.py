"""What `python -m server reencrypt` does: every sealed field under the key that writes now."""

from server.kernel.actor import system_actor
from server.kernel.runtime import current_runtime
from server.kernel.sealed import Batch, left_under, reencrypt_batch, sealed_columns


async def reencrypt() -> tuple[list[str], bool]:
    """Reseal everything: what there is to say, and whether the older keys may go."""
    said: list[str] = []
    writing = current_runtime().cipher.writing_prefix.rstrip(":")
    unreadable: list[str] = []
    old: set[str] = set()
    for column in sealed_columns():
        batch, changed = Batch(*column), 0
        while True:
            done = await reencrypt_batch(system_actor("reencrypt"), batch)
            changed += done.changed
            unreadable += [f"{column.table} {each}" for each in done.unreadable]
            if not done.last:
                break
            batch = Batch(*column, after=done.last)
        said.append(f"{column.table}.{column.column}：改用 {writing} 的 {changed} 项")
        old |= (await left_under(column)).keys() - {writing}
    said += [*(f"无法解密：{each}" for each in unreadable), _advice(unreadable, old)]
    return said, not unreadable and not old


def _advice(unreadable: list[str], old: set[str]) -> str:
    if unreadable:
        return "以上内容没有任何一把密钥能解开，请把写它的旧密钥加回 FIELD_KEYS 再执行一次"
    if old:
        return f"还有内容在旧密钥 {'、'.join(sorted(old))} 下（刚才仍有旧进程在写），请重启全部进程后再执行一次"
    return "全部内容都在第一把密钥下，旧密钥可以从 FIELD_KEYS 去掉（备份仍要旧密钥才能读）"
