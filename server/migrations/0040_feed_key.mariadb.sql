-- The secret addresses under which people's calendars are read: only the hash of each key.
CREATE TABLE IF NOT EXISTS feed_key (
    id VARCHAR(16) NOT NULL PRIMARY KEY,
    person_id VARCHAR(16) NOT NULL,
    unit_id VARCHAR(16) NOT NULL,
    key_hash VARCHAR(64) NOT NULL,
    made_at BIGINT NOT NULL,
    UNIQUE KEY feed_key_person (person_id),
    UNIQUE KEY feed_key_hash (key_hash)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
