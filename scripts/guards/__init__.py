"""`make guards`: take out each lock, row-count check, scope filter, refusal, unique key and chain link in turn, and
require that some test fails. The guards are found in the code itself, so a new one is in the list when it is written.
"""
