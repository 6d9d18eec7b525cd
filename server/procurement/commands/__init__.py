"""What people do with purchase needs and idle proofs."""

from server.procurement.commands.correction import correct_need
from server.procurement.commands.needs import meet_need, record_need, withdraw_need
from server.procurement.commands.proofs import issue_proof, search_idle
from server.procurement.commands.submission import submit_need

__all__ = ["correct_need", "issue_proof", "meet_need", "record_need", "search_idle", "submit_need", "withdraw_need"]
