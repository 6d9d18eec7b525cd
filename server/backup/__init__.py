"""Backups: a consistent copy of the database and the files beside a working product, and bringing one back."""
