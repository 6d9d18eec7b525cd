"""What people and jobs do with listings and borrowings."""

from server.circulation.commands.basket import put_in_basket, take_from_basket
from server.circulation.commands.collection import choose_collection
from server.circulation.commands.correction import correct_borrowing
from server.circulation.commands.desk import mark_ready, return_by_code
from server.circulation.commands.ending import expire_borrowing, withdraw_borrowing
from server.circulation.commands.follow_up import follow_up_loan
from server.circulation.commands.hourly import submit_hours
from server.circulation.commands.inspection import inspect_rest, inspect_return, resolve_damage
from server.circulation.commands.issuing import issue_by_code
from server.circulation.commands.listing import close_listing, open_listing
from server.circulation.commands.listing_several import MOST_LISTED_AT_ONCE, open_listings
from server.circulation.commands.renewal import renew_borrowing, withdraw_renewal
from server.circulation.commands.renewal_correction import correct_renewal
from server.circulation.commands.saved_searches import remove_search, save_search
from server.circulation.commands.signing import sign_handover
from server.circulation.commands.submission import submit_basket, submit_borrowing

__all__ = [
    "MOST_LISTED_AT_ONCE",
    "choose_collection",
    "close_listing",
    "correct_borrowing",
    "correct_renewal",
    "expire_borrowing",
    "follow_up_loan",
    "inspect_rest",
    "inspect_return",
    "issue_by_code",
    "mark_ready",
    "open_listing",
    "open_listings",
    "put_in_basket",
    "remove_search",
    "renew_borrowing",
    "resolve_damage",
    "return_by_code",
    "save_search",
    "sign_handover",
    "submit_basket",
    "submit_borrowing",
    "submit_hours",
    "take_from_basket",
    "withdraw_borrowing",
    "withdraw_renewal",
]
