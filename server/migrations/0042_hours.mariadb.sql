-- Hours of a day: one row for each half hour of a thing that is promised; the day counts them.
CREATE TABLE IF NOT EXISTS asset_slot (
    id VARCHAR(40) NOT NULL PRIMARY KEY,
    asset_id VARCHAR(16) NOT NULL,
    starts_at BIGINT NOT NULL,
    borrowing_id VARCHAR(16) NOT NULL,
    UNIQUE KEY asset_slot_of_card (asset_id, starts_at),
    KEY asset_slot_borrowing (borrowing_id, asset_id)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
ALTER TABLE asset_day ADD COLUMN IF NOT EXISTS slots INT NOT NULL DEFAULT 0;
ALTER TABLE borrowing ADD COLUMN IF NOT EXISTS starts_at BIGINT;
ALTER TABLE borrowing ADD COLUMN IF NOT EXISTS ends_at BIGINT;
ALTER TABLE asset_listing ADD COLUMN IF NOT EXISTS slot_minutes INT;
ALTER TABLE asset_listing ADD COLUMN IF NOT EXISTS opens_minute INT;
ALTER TABLE asset_listing ADD COLUMN IF NOT EXISTS closes_minute INT;
CREATE INDEX IF NOT EXISTS borrowing_hours ON borrowing (state, ends_at);
