"""Background work: the outbox relay, the audit sealer and the schedule, in the app's process or in a worker's."""
