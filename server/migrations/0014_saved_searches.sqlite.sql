-- What people look for again and again, and the versions of the list of synonyms.
CREATE TABLE IF NOT EXISTS saved_search (
    id VARCHAR(16) NOT NULL PRIMARY KEY,
    person_id VARCHAR(16) NOT NULL,
    slot INT NOT NULL,
    unit_id VARCHAR(16) NOT NULL,
    name VARCHAR(60) NOT NULL,
    wanted TEXT NOT NULL,
    wants_notice INT NOT NULL,
    seen_until BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (person_id, slot)
);
CREATE INDEX IF NOT EXISTS saved_search_notice ON saved_search (wants_notice, id);
CREATE TABLE IF NOT EXISTS search_synonyms (
    id VARCHAR(16) NOT NULL PRIMARY KEY,
    version INT NOT NULL UNIQUE,
    words TEXT NOT NULL,
    reason VARCHAR(200) NOT NULL,
    created_at BIGINT NOT NULL,
    created_by VARCHAR(16),
    created_by_name VARCHAR(64) NOT NULL
);
-- Where the board's things are, from district to unit to place.
CREATE INDEX IF NOT EXISTS asset_listing_where ON asset_listing (is_open, reach_path, region_code, holder_unit_id, place_id);
