"""The outside world: each neighbour is a port, a real adapter and a sandbox that speaks the same protocol."""
