-- A unit's year: its loans by when they were handed out.
CREATE INDEX IF NOT EXISTS borrowing_lent_in ON borrowing (holder_unit_path, issued_at);
CREATE INDEX IF NOT EXISTS borrowing_borrowed_in ON borrowing (borrower_unit_path, issued_at);
