"""Who may knock at which address, and what they hear there: written from the rules, held against the product."""
