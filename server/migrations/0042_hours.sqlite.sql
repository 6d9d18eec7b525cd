-- Hours of a day: one row for each half hour of a thing that is promised; the day counts them.
CREATE TABLE IF NOT EXISTS asset_slot (
    id VARCHAR(40) NOT NULL PRIMARY KEY,
    asset_id VARCHAR(16) NOT NULL,
    starts_at BIGINT NOT NULL,
    borrowing_id VARCHAR(16) NOT NULL,
    UNIQUE (asset_id, starts_at)
);
ALTER TABLE asset_day ADD COLUMN slots INT NOT NULL DEFAULT 0;
ALTER TABLE borrowing ADD COLUMN starts_at BIGINT;
ALTER TABLE borrowing ADD COLUMN ends_at BIGINT;
ALTER TABLE asset_listing ADD COLUMN slot_minutes INT;
ALTER TABLE asset_listing ADD COLUMN opens_minute INT;
ALTER TABLE asset_listing ADD COLUMN closes_minute INT;
CREATE INDEX IF NOT EXISTS borrowing_hours ON borrowing (state, ends_at);
CREATE INDEX IF NOT EXISTS asset_slot_borrowing ON asset_slot (borrowing_id, asset_id);
