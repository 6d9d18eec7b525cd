"""`python -m server <command>`."""

from server.cli import main

raise SystemExit(main())
