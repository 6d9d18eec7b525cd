CREATE TABLE IF NOT EXISTS `occasion` (
    `id` VARCHAR(16) NOT NULL PRIMARY KEY,
    `name` VARCHAR(100) NOT NULL,
    `lead_unit_id` VARCHAR(16) NOT NULL,
    `lead_unit_name` VARCHAR(128) NOT NULL,
    `lead_unit_path` VARCHAR(255) NOT NULL,
    `responsible_id` VARCHAR(16) NOT NULL,
    `responsible_name` VARCHAR(64) NOT NULL,
    `starts_on` INT NOT NULL,
    `ends_on` INT NOT NULL,
    `state` VARCHAR(8) NOT NULL,
    `created_at` BIGINT NOT NULL,
    `closed_at` BIGINT,
    `version` INT NOT NULL,
    KEY `idx_occasion_respons_c88056` (`responsible_id`),
    KEY `idx_occasion_lead_un_72ad8b` (`lead_unit_path`, `id`),
    KEY `idx_occasion_state_0af26b` (`state`, `ends_on`)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS `occasion_reminder` (
    `id` VARCHAR(16) NOT NULL PRIMARY KEY,
    `occasion_id` VARCHAR(16) NOT NULL,
    `ends_on` INT NOT NULL,
    `days` INT NOT NULL,
    `at` BIGINT NOT NULL,
    UNIQUE KEY `uid_occasion_re_occasio_8c971d` (`occasion_id`, `ends_on`, `days`)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS `occasion_step` (
    `id` VARCHAR(16) NOT NULL PRIMARY KEY,
    `occasion_id` VARCHAR(16) NOT NULL,
    `kind` VARCHAR(16) NOT NULL,
    `at` BIGINT NOT NULL,
    `actor_id` VARCHAR(16),
    `actor_name` VARCHAR(64) NOT NULL,
    `note` VARCHAR(500) NOT NULL,
    KEY `idx_occasion_st_occasio_062d63` (`occasion_id`)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
-- What a borrowing is for, where that has an end of its own.
ALTER TABLE `borrowing` ADD COLUMN IF NOT EXISTS `occasion_id` VARCHAR(16);
ALTER TABLE `borrowing` ADD COLUMN IF NOT EXISTS `for_unit_id` VARCHAR(16);
CREATE INDEX IF NOT EXISTS `idx_borrowing_occasion` ON `borrowing` (`occasion_id`);
CREATE INDEX IF NOT EXISTS `idx_borrowing_for_unit` ON `borrowing` (`for_unit_id`);
