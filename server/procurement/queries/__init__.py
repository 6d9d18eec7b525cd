"""What can be read of purchase needs and idle proofs."""

from server.procurement.access import RECORDERS
from server.procurement.queries.needs import list_needs, need_view
from server.procurement.queries.paper import proof_pdf
from server.procurement.queries.proofs import proof_facts

__all__ = ["RECORDERS", "list_needs", "need_view", "proof_facts", "proof_pdf"]
