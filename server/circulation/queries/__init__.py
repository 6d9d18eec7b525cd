"""What can be read of listings and borrowings."""

from server.circulation.queries.basket import list_basket
from server.circulation.queries.board import availability, listed_among, listing_view, open_listing_of
from server.circulation.queries.borrowings import desk_borrowing_of, list_borrowings
from server.circulation.queries.detail import borrowing_view
from server.circulation.queries.duties import list_duties
from server.circulation.queries.finding import find_listings, list_listings
from server.circulation.queries.hours import hours_of_day
from server.circulation.queries.idle import idle_listings
from server.circulation.queries.renewals import renewal_view
from server.circulation.queries.saved_searches import list_saved_searches
from server.circulation.queries.slips import slip_facts, slip_pdf
from server.circulation.queries.tables import LISTING_HEADINGS, LOAN_HEADINGS, listing_values, loan_values
from server.circulation.queries.tallies import FREE_WITHIN, VALUE_BANDS
from server.circulation.queries.waiting import Waiting, waiting_for
from server.circulation.queries.warnings import application_warnings
from server.circulation.queries.whereabouts import whereabouts

__all__ = [
    "FREE_WITHIN",
    "LISTING_HEADINGS",
    "LOAN_HEADINGS",
    "VALUE_BANDS",
    "Waiting",
    "application_warnings",
    "availability",
    "borrowing_view",
    "desk_borrowing_of",
    "find_listings",
    "hours_of_day",
    "idle_listings",
    "list_basket",
    "list_borrowings",
    "list_duties",
    "list_listings",
    "list_saved_searches",
    "listed_among",
    "listing_values",
    "listing_view",
    "loan_values",
    "open_listing_of",
    "renewal_view",
    "slip_facts",
    "slip_pdf",
    "waiting_for",
    "whereabouts",
]
