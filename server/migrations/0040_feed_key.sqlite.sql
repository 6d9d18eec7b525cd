-- The secret addresses under which people's calendars are read: only the hash of each key.
CREATE TABLE IF NOT EXISTS feed_key (
    id VARCHAR(16) NOT NULL PRIMARY KEY,
    person_id VARCHAR(16) NOT NULL UNIQUE,
    unit_id VARCHAR(16) NOT NULL,
    key_hash VARCHAR(64) NOT NULL UNIQUE,
    made_at BIGINT NOT NULL
);
