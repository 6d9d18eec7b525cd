"""What people do from beginning to end, and how every page looks to them, in a real browser on the served product."""
