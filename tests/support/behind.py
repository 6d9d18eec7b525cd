"""What happens behind the product's back: rows as no command would leave them, to see that the product notices."""

from server.kernel.runtime import current_runtime


async def rewrite(sql: str, *values: object) -> int:
    """One raw write; returns how many rows it met. One that meets none proves nothing: AssertionError."""
    async with current_runtime().database.transaction() as transaction:
        met = await transaction.execute(sql, *values)
        await transaction.commit()
    assert met, sql
    return met
