"""The audit chain: rows inserted by each command, chained by one sealer, anchored elsewhere, verified."""
