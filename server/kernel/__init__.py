"""What every domain stands on: errors, actor, unit of work, audit, clock, money, ids, paging, ports."""
