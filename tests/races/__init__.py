"""Many at once, over HTTP, on the product in processes of its own."""
