"""The lines of the access matrix about borrowing: see `tests.access.matrix` for what a line says."""

LENDING = """
# 借用: a civil servant borrows for the unit; applicant and asset manager take back; the holder's desk hands out
GET /mini/v1/borrowings | | *
GET /mini/v1/borrowings/<borrowing_id> | lent | A K | O C F | unit
GET /mini/v1/borrowings/<borrowing_id> | borrowed | A | B C F | unit
GET /mini/v1/borrowings/<borrowing_id> | applied | B | | mine
GET /mini/v1/borrowings/<borrowing_id>/slip | issued | A K | O C F | unit
GET /mini/v1/borrowings/<borrowing_id>/slip | borrowed | A | B C F | unit
POST /mini/v1/borrowings | listing | B | | others
POST /mini/v1/borrowings | card | | |
GET /mini/v1/assets/<asset_id>/hours | hourly | B A U C F K O | S E D | city
POST /mini/v1/hourly-borrowings | hourly | B | | others
POST /mini/v1/hourly-borrowings | card | | |
GET /sharing/<listing_id>/hours | hourly | B A U C F K O | S E D | city
POST /sharing/<listing_id>/hours | hourly | B | | others
GET /mini/v1/basket | | *
POST /mini/v1/basket | listing | B | | others
POST /mini/v1/basket | card | | |
POST /mini/v1/basket/removal | in_basket | B | | mine
GET /basket | | *
POST /sharing/<listing_id>/basket | listing | B | | others
POST /basket/removal | in_basket | B | | mine
POST /basket/application | | B
POST /mini/v1/baskets | listing | B | | others
POST /mini/v1/baskets | card | | |
POST /mini/v1/borrowings/<borrowing_id>/withdrawal | borrowed | A | | unit
POST /mini/v1/borrowings/<borrowing_id>/withdrawal | applied | B | | mine
POST /mini/v1/borrowings/<borrowing_id>/withdrawal | lent | | |
POST /mini/v1/borrowings/<borrowing_id>/renewal | out | A | | unit
POST /mini/v1/borrowings/<borrowing_id>/renewal | issued | | |
POST /mini/v1/borrowings/<borrowing_id>/renewal/withdrawal | renewing | A | | unit
POST /mini/v1/borrowings/<borrowing_id>/renewal/withdrawal | lent_longer | | |
GET /mini/v1/renewals/<renewal_id> | renewing | A | B C F | unit
GET /mini/v1/renewals/<renewal_id> | lent_longer | A K | O C F | unit
POST /mini/v1/borrowings/<borrowing_id>/collection | borrowed | A | | unit
POST /mini/v1/borrowings/<borrowing_id>/collection | applied | B | | mine
POST /mini/v1/borrowings/<borrowing_id>/collection | lent | | |
# 退回修改: whoever applied corrects it, and nobody else, or they would decide what they wrote themselves
POST /mini/v1/borrowings/<borrowing_id>/correction | sent_back | B | | mine
POST /mini/v1/borrowings/<borrowing_id>/renewal/correction | renewal_sent_back | B | | mine
GET /borrowings/<borrowing_id>/correction | sent_back | B | | mine
POST /borrowings/<borrowing_id>/correction | sent_back | B | | mine
GET /borrowings/<borrowing_id>/renewal/correction | renewal_sent_back | B | | mine
POST /borrowings/<borrowing_id>/renewal/correction | renewal_sent_back | B | | mine
POST /mini/v1/borrowings/<borrowing_id>/signing | issued | A K | O | unit
POST /mini/v1/borrowings/<borrowing_id>/readiness | approved | A K | O | unit
POST /mini/v1/borrowings/<borrowing_id>/issue | approved | A K | O | unit
POST /mini/v1/issues | approved | A K | O | unit
POST /mini/v1/returns | issued | A K | O | unit
POST /mini/v1/borrowings/<borrowing_id>/inspection | returned | A K | O | unit
POST /mini/v1/borrowings/<borrowing_id>/inspections | returned | A K | O | unit
POST /mini/v1/borrowings/<borrowing_id>/damage-decision | damaged | A O C | | unit
GET /borrowings | | *
GET /borrowings/export | | *
GET /borrowings/<borrowing_id> | lent | A K | O C F | unit
GET /borrowings/<borrowing_id> | borrowed | A | B C F | unit
GET /borrowings/<borrowing_id> | applied | B | | mine
GET /borrowings/<borrowing_id>/withdrawal | borrowed | A | C F | unit
GET /borrowings/<borrowing_id>/withdrawal | applied | B | | mine
POST /borrowings/<borrowing_id>/withdrawal | borrowed | A | | unit
POST /borrowings/<borrowing_id>/withdrawal | applied | B | | mine
POST /borrowings/<borrowing_id>/withdrawal | lent | | |
GET /borrowings/<borrowing_id>/renewal | out | A | B C F | unit
POST /borrowings/<borrowing_id>/renewal | out | A | | unit
POST /borrowings/<borrowing_id>/renewal | issued | | |
GET /borrowings/<borrowing_id>/renewal/withdrawal | renewing | A | B C F | unit
POST /borrowings/<borrowing_id>/renewal/withdrawal | renewing | A | | unit
POST /borrowings/<borrowing_id>/renewal/withdrawal | lent_longer | | |
GET /renewals/<renewal_id> | renewing | A | B C F | unit
GET /renewals/<renewal_id> | lent_longer | A K | O C F | unit
GET /borrowings/<borrowing_id>/collection | borrowed | A | B C F | unit
POST /borrowings/<borrowing_id>/collection | borrowed | A | | unit
POST /borrowings/<borrowing_id>/collection | lent | | |
GET /borrowings/<borrowing_id>/slip.pdf | issued | A K | O C F | unit
# 配件清单: as the card's other facts: its managers, and whoever has the thing in hand
GET /mini/v1/assets/<asset_id>/accessories | card | A O K | B U C F | unit
POST /mini/v1/assets/<asset_id>/accessories | card | A | O K | unit
GET /admin/assets/<asset_id>/accessories | card | A | B U C F O K | unit
POST /admin/assets/<asset_id>/accessories | card | A | O K | unit

# 遗失与赔偿: either side reports; the holder's managers decide, are paid, pay back and ask to write off; the desk takes
# back. Who reported or inspected does not decide the money: where a unit has one manager only, 主管部门 is the second
# person, for damage as for losses
POST /mini/v1/borrowings/<borrowing_id>/loss | out | A | | unit
POST /mini/v1/borrowings/<borrowing_id>/loss | taken | B | | mine
POST /mini/v1/borrowings/<borrowing_id>/loss | issued | A K | O | unit
GET /mini/v1/losses | | *
GET /mini/v1/losses/<loss_id> | lost | A K | O C F | unit
GET /mini/v1/losses/<loss_id> | lost_by_us | A | B C F | unit
POST /mini/v1/losses/<loss_id>/decision | lost | A O C | | unit
POST /mini/v1/losses/<loss_id>/decision | lost_by_us | | |
POST /mini/v1/losses/<loss_id>/payments | owed | A O | | unit
POST /mini/v1/losses/<loss_id>/waiver | owed | A O C | | unit
POST /mini/v1/losses/<loss_id>/write-off | settled | A O | | unit
POST /mini/v1/losses/<loss_id>/finding | lost | A K | O | unit
POST /mini/v1/losses/<loss_id>/finding | lost_by_us | | |
POST /mini/v1/losses/<loss_id>/refunds | paid_and_found | A O | | unit
GET /borrowings/<borrowing_id>/loss | out | A | B C F | unit
POST /borrowings/<borrowing_id>/loss | out | A | | unit
POST /borrowings/<borrowing_id>/loss | taken | B | | mine
GET /admin/losses | | A K O | B U C F S E D
GET /admin/losses/export | | A K O | B U C F S E D
GET /admin/losses/<loss_id> | lost | A K | O C F | unit
GET /admin/losses/<loss_id> | lost_by_us | A | B C F | unit
GET /admin/loans/<borrowing_id>/loss | issued | A K | O C F | unit
POST /admin/loans/<borrowing_id>/loss | issued | A K | O | unit
GET /admin/losses/<loss_id>/decision | lost | A O C | K F | unit
POST /admin/losses/<loss_id>/decision | lost | A O C | | unit
GET /admin/losses/<loss_id>/payments | owed | A O | K C F | unit
POST /admin/losses/<loss_id>/payments | owed | A O | | unit
GET /admin/losses/<loss_id>/waiver | owed | A O C | K F | unit
POST /admin/losses/<loss_id>/waiver | owed | A O C | | unit
GET /admin/losses/<loss_id>/write-off | settled | A O | K C F | unit
POST /admin/losses/<loss_id>/write-off | settled | A O | | unit
GET /admin/losses/<loss_id>/finding | lost | A K | O C F | unit
POST /admin/losses/<loss_id>/finding | lost | A K | O | unit
GET /admin/losses/<loss_id>/refunds | paid_and_found | A O | K C F | unit
POST /admin/losses/<loss_id>/refunds | paid_and_found | A O | | unit

# 活动与临时机构: the lead unit's asset manager; whoever reviews above looks; a lender only sees its own loans
GET /mini/v1/occasions | | *
GET /mini/v1/occasion-choices | | *
GET /mini/v1/occasions/<occasion_id> | occasion | A | B C F | unit
GET /mini/v1/occasions/<occasion_id> | body | A | B C F | unit
GET /mini/v1/occasions/<occasion_id>/recall-list | occasion | A | B C F | unit
POST /mini/v1/occasions | colleague | A | | own
POST /mini/v1/occasions/<occasion_id>/prolonging | occasion | A | | unit
POST /mini/v1/occasions/<occasion_id>/prolonging | body | | |
POST /mini/v1/occasions/<occasion_id>/closing | occasion | A | | unit
POST /mini/v1/occasions/<occasion_id>/closing | body | | |
GET /admin/occasions | | A | B U C F K O S E D
GET /admin/occasions/export | | A | B U C F K O S E D
GET /admin/occasions/new | | A
POST /admin/occasions | colleague | A | | own
GET /admin/occasions/<occasion_id> | occasion | A | B C F | unit
GET /admin/occasions/<occasion_id> | body | A | B C F | unit
GET /admin/occasions/<occasion_id>/export | occasion | A | B C F | unit
GET /admin/occasions/<occasion_id>/export | body | A | B C F | unit
GET /admin/occasions/<occasion_id>/recall.pdf | occasion | A | B C F | unit
GET /admin/occasions/<occasion_id>/prolonging | occasion | A | B C F | unit
POST /admin/occasions/<occasion_id>/prolonging | occasion | A | | unit
GET /admin/occasions/<occasion_id>/closing | occasion | A | B C F | unit
POST /admin/occasions/<occasion_id>/closing | occasion | A | | unit
GET /admin/loans | | A K O | B U C F S E D
GET /admin/loans/export | | A K O | B U C F S E D
GET /admin/loans/<borrowing_id> | lent | A K | O C F | unit
GET /admin/loans/<borrowing_id>/pieces/export | lent | A K | O C F | unit
GET /admin/loans/<borrowing_id>/slip | issued | A K | O C F | unit
GET /admin/loans/<borrowing_id>/readiness | approved | A K | O C F | unit
POST /admin/loans/<borrowing_id>/readiness | approved | A K | O | unit
GET /admin/loans/<borrowing_id>/issuing | approved | A K | O C F | unit
POST /admin/loans/<borrowing_id>/issuing | approved | A K | O | unit
GET /admin/loans/<borrowing_id>/taking-back | issued | A K | O C F | unit
POST /admin/loans/<borrowing_id>/taking-back | issued | A K | O | unit
GET /admin/loans/<borrowing_id>/inspections | returned | A K | O C F | unit
POST /admin/loans/<borrowing_id>/inspections | returned | A K | O | unit
GET /admin/loans/<borrowing_id>/signing/<kind> | to_sign | A K | O C F | unit
POST /admin/loans/<borrowing_id>/signing/<kind> | to_sign | A K | O | unit
GET /admin/loans/<borrowing_id>/damage | damaged | A O C | K F | unit
POST /admin/loans/<borrowing_id>/damage | damaged | A O C | | unit
GET /admin/desk | | A K | O
POST /admin/desk/issue | approved | A K | O | unit
POST /admin/desk/return | issued | A K | O | unit
POST /admin/desk/inspection | returned | A K | O | unit
"""
