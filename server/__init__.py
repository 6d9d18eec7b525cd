"""公物仓: the public-asset warehouse's modular core."""
