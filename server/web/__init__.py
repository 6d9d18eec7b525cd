"""What every door needs of HTTP."""
