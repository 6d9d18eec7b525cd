CREATE TABLE IF NOT EXISTS `wanted_offer` (
    `id` VARCHAR(16) NOT NULL PRIMARY KEY,
    `wanted_id` VARCHAR(16) NOT NULL,
    `unit_id` VARCHAR(16) NOT NULL,
    `unit_name` VARCHAR(128) NOT NULL,
    `offered_by` VARCHAR(16) NOT NULL,
    `offered_by_name` VARCHAR(64) NOT NULL,
    `words` VARCHAR(500) NOT NULL,
    `listing_id` VARCHAR(16),
    `listing_name` VARCHAR(160) NOT NULL,
    `offered_at` BIGINT NOT NULL,
    UNIQUE KEY `uid_wanted_offe_wanted__5b2d00` (`wanted_id`, `unit_id`)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS `wanted_post` (
    `id` VARCHAR(16) NOT NULL PRIMARY KEY,
    `unit_id` VARCHAR(16) NOT NULL,
    `unit_name` VARCHAR(128) NOT NULL,
    `unit_path` VARCHAR(255) NOT NULL,
    `region_path` VARCHAR(96) NOT NULL,
    `region_name` VARCHAR(64) NOT NULL,
    `poster_id` VARCHAR(16) NOT NULL,
    `poster_name` VARCHAR(64) NOT NULL,
    `title` VARCHAR(64) NOT NULL,
    `note` VARCHAR(500) NOT NULL,
    `category_code` VARCHAR(12),
    `category_name` VARCHAR(128) NOT NULL,
    `category_prefix` VARCHAR(12),
    `quantity` INT NOT NULL,
    `is_permanent` BOOL NOT NULL,
    `days` INT,
    `reach_path` VARCHAR(96) NOT NULL,
    `state` VARCHAR(16) NOT NULL,
    `posted_at` BIGINT NOT NULL,
    `expires_on` INT NOT NULL,
    `closed_at` BIGINT,
    `closed_note` VARCHAR(500),
    `version` INT NOT NULL,
    KEY `idx_wanted_post_state_2ac999` (`state`, `reach_path`, `id`),
    KEY `idx_wanted_post_state_8b2eef` (`state`, `expires_on`),
    KEY `idx_wanted_post_unit_pa_ce0213` (`unit_path`, `id`),
    KEY `idx_wanted_post_poster__0a858b` (`poster_id`, `id`)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS `wanted_suggestion` (
    `id` VARCHAR(16) NOT NULL PRIMARY KEY,
    `wanted_id` VARCHAR(16) NOT NULL,
    `listing_id` VARCHAR(16) NOT NULL,
    `suggested_at` BIGINT NOT NULL,
    UNIQUE KEY `uid_wanted_sugg_wanted__381ee2` (`wanted_id`, `listing_id`)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
