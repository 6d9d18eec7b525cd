"""What may be there only once, whoever writes: the database itself holds it, whatever the code before it looked at."""

from server.kernel.runtime import Runtime
from server.kernel.storage.database import Reader

# Table and columns, and why two would be wrong.
ONCE = {
    "party": {"credit_code": "a 统一社会信用代码 names one body"},
    "unit": {"code": "asset codes begin with it", "party_id": "a unit is a party of its own"},
    "person": {
        "login_name": "one name, one login",
        "phone_index": "WeChat confirms a number and finds one person by it",
        "wechat_index": "a WeChat user is one person",
    },
    "post": {"person_id+unit_id": "roles and scope hang on the one post of a person in a unit"},
    "invitation": {"code_index": "an invitation lets one person in"},
    "audit_event": {"sequence": "the chain has one row at each place"},
    "file_reader": {"file_id+unit_id": "a reader is let in once, and put out once"},
    "search_document": {"kind+id": "a thing is found once"},
    "asset_card": {"code": "一物一码", "finance_card_no": "a repeated import meets its own card"},
    "asset_label": {"token": "a scan finds one thing"},
    "asset_day": {"asset_id+day": "an asset is never promised twice"},
    "asset_listing": {"open_key": "a card is on the board once"},
    "borrowing": {"borrower_unit_id+number": "a slip has a number of its own"},
    "approval_chain": {"subject_kind+subject_id": "an application is decided once"},
    "approval_task": {"chain_id+step": "a step is decided once"},
    "notice": {"dedupe_key": "an event delivered again is told once"},
    "place": {"code": "a scanned place is one place"},
    "calendar_day": {"region_code+day": "a day is a working day or it is not"},
    "policy_version": {"region_code+kind+version": "an application names the version that it was made under"},
    "allocation_standard": {"region_code+version": "a warning names the version that it was given by"},
    "idle_proof": {"search_id": "a search is judged once", "unit_id+number": "a proof has a number of its own"},
    "wanted_offer": {"wanted_id+unit_id": "a unit answers a need once"},
    "wanted_suggestion": {"wanted_id+listing_id": "a thing is suggested once for a need"},
    "saved_search": {"person_id+slot": "somebody keeps no more than a few"},
    "search_synonyms": {"version": "of two who edit at once, one has seen what the other wrote"},
    "borrowing_renewal": {"open_key": "a loan has one renewal to decide"},
    "basket_item": {"person_id+unit_id+asset_id": "a thing lies in a basket once"},
    "occasion_reminder": {"occasion_id+ends_on+days": "a reminder of an end is sent once"},
    "loss_case": {"line_id+kind": "a thing is lost once on a loan", "write_off_id": "an approval is about one thing"},
    "loss_payment": {"case_id+receipt_no": "a receipt counts once"},
    "loss_refund": {"case_id+document_no": "a repayment counts once"},
    "asset_accessory": {"asset_id+name": "a part stands once on a thing's list"},
    "line_accessory": {"line_id+name": "a part is ticked off once"},
    "approval_round": {"chain_id+round": "a round ends once"},
    "asset_slot": {"asset_id+starts_at": "a thing is promised once for an hour"},
    "message_consent": {"person_id+template_id": "what somebody allows by a template is one number"},
    "wechat_message": {"notice_id": "a message of the inbox goes to WeChat once"},
    "feed_key": {"person_id": "a person has one address", "key_hash": "an address is one person's"},
}
_KEYS = {
    "sqlite": "SELECT l.name AS name, i.name AS column_name, l.origin = 'pk' AS is_primary"
    ' FROM pragma_index_list(?) l, pragma_index_info(l.name) i WHERE l."unique" = 1 ORDER BY l.name, i.seqno',
    "mariadb": "SELECT INDEX_NAME AS name, COLUMN_NAME AS column_name, INDEX_NAME = 'PRIMARY' AS is_primary"
    " FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ? AND NON_UNIQUE = 0"
    " ORDER BY INDEX_NAME, SEQ_IN_INDEX",
}
_TABLES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'",
    "mariadb": "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE()",
}


async def test_second_row_is_impossible_where_one_is_right(runtime: Runtime) -> None:
    async with runtime.database.reading() as reader:
        for row in await reader.fetch_all(_TABLES[reader.dialect]):
            primary, others = await keys_of(reader, row["name"])
            once = set(ONCE.get(row["name"], ()))
            # A primary key may be nothing but a row's name; every other key stands here with what it is for.
            assert others <= once <= primary | others, row["name"]


async def keys_of(reader: Reader, table: str) -> tuple[set[str], set[str]]:
    """The unique keys of a table, each as its columns: the primary one, and the others."""
    columns: dict[str, list[str]] = {}
    primary: set[str] = set()
    for row in await reader.fetch_all(_KEYS[reader.dialect], table):
        columns.setdefault(row["name"], []).append(row["column_name"])
        if row["is_primary"]:
            primary.add(row["name"])
    named = {name: "+".join(each) for name, each in columns.items()}
    return {named[name] for name in primary}, {key for name, key in named.items() if name not in primary}
