"""Schema history: numbered SQL files, one for each storage, and the runner that applies them in order."""
