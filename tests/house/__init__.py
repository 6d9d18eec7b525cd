"""House rules as lints, each with tests of its own. `python -m tests.house` runs them over the tree."""
