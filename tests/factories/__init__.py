"""Builders of believable data: plain async functions that call commands."""
