"""Units, people, things, days and loans against a plain model of them: whatever comes in whatever order."""
