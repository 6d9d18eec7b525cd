"""Ports with an embedded and a Redis implementation. None holds anything that cannot be rebuilt."""
