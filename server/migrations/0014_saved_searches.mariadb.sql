-- What people look for again and again, and the versions of the list of synonyms.
CREATE TABLE IF NOT EXISTS saved_search (
    id VARCHAR(16) NOT NULL PRIMARY KEY,
    person_id VARCHAR(16) NOT NULL,
    slot INT NOT NULL,
    unit_id VARCHAR(16) NOT NULL,
    name VARCHAR(60) NOT NULL,
    wanted LONGTEXT NOT NULL,
    wants_notice BOOL NOT NULL,
    seen_until BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE KEY saved_search_slot (person_id, slot),
    KEY saved_search_notice (wants_notice, id)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS search_synonyms (
    id VARCHAR(16) NOT NULL PRIMARY KEY,
    version INT NOT NULL,
    words LONGTEXT NOT NULL,
    reason VARCHAR(200) NOT NULL,
    created_at BIGINT NOT NULL,
    created_by VARCHAR(16),
    created_by_name VARCHAR(64) NOT NULL,
    UNIQUE KEY search_synonyms_version (version)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
-- Where the board's things are, from district to unit to place.
CREATE INDEX IF NOT EXISTS asset_listing_where ON asset_listing (is_open, reach_path, region_code, holder_unit_id, place_id);
