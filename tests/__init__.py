"""Every test of the product."""
