"""Who people are and for whom they act: regions, units, parties, people, posts, sessions, delegation."""

from server.identity import messages as messages
