"""The two storages behind one behaviour: SQLite in this process, or MariaDB."""
