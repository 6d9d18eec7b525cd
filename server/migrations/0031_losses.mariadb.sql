CREATE TABLE IF NOT EXISTS `loss_case` (
    `id` VARCHAR(16) NOT NULL PRIMARY KEY,
    `number` VARCHAR(48) NOT NULL,
    `kind` VARCHAR(8) NOT NULL,
    `borrowing_id` VARCHAR(16) NOT NULL,
    `line_id` VARCHAR(16) NOT NULL,
    `asset_id` VARCHAR(16) NOT NULL,
    `asset_code` VARCHAR(48) NOT NULL,
    `asset_name` VARCHAR(160) NOT NULL,
    `value_fen` BIGINT NOT NULL,
    `borrower_unit_id` VARCHAR(16) NOT NULL,
    `borrower_unit_name` VARCHAR(128) NOT NULL,
    `borrower_unit_path` VARCHAR(255) NOT NULL,
    `holder_unit_id` VARCHAR(16) NOT NULL,
    `holder_unit_name` VARCHAR(128) NOT NULL,
    `holder_unit_path` VARCHAR(255) NOT NULL,
    `reported_by` VARCHAR(16) NOT NULL,
    `reported_by_name` VARCHAR(64) NOT NULL,
    `reported_at` BIGINT NOT NULL,
    `explanation` VARCHAR(500) NOT NULL,
    `picture_id` VARCHAR(16),
    `state` VARCHAR(16) NOT NULL,
    `decided_by` VARCHAR(16),
    `decided_by_name` VARCHAR(64) NOT NULL,
    `decided_at` BIGINT,
    `decision` VARCHAR(500) NOT NULL,
    `amount_fen` BIGINT NOT NULL,
    `due_on` INT,
    `paid_fen` BIGINT NOT NULL,
    `waived_fen` BIGINT NOT NULL,
    `waived_reason` VARCHAR(500) NOT NULL,
    `write_off_id` VARCHAR(16) UNIQUE,
    `policy_version_id` VARCHAR(16),
    `ended_at` BIGINT,
    `version` INT NOT NULL,
    UNIQUE KEY `uid_loss_case_line_id_47cbee` (`line_id`, `kind`),
    KEY `idx_loss_case_borrowi_4323c3` (`borrowing_id`),
    KEY `idx_loss_case_asset_i_be4783` (`asset_id`),
    KEY `idx_loss_case_holder__7d2b43` (`holder_unit_path`, `state`, `id`),
    KEY `idx_loss_case_borrowe_1aec1e` (`borrower_unit_path`, `state`, `id`)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS `loss_payment` (
    `id` VARCHAR(16) NOT NULL PRIMARY KEY,
    `case_id` VARCHAR(16) NOT NULL,
    `receipt_no` VARCHAR(64) NOT NULL,
    `paid_on` INT NOT NULL,
    `amount_fen` BIGINT NOT NULL,
    `recorded_by` VARCHAR(16) NOT NULL,
    `recorded_by_name` VARCHAR(64) NOT NULL,
    `recorded_at` BIGINT NOT NULL,
    UNIQUE KEY `uid_loss_paymen_case_id_897245` (`case_id`, `receipt_no`)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS `loss_step` (
    `id` VARCHAR(16) NOT NULL PRIMARY KEY,
    `case_id` VARCHAR(16) NOT NULL,
    `kind` VARCHAR(20) NOT NULL,
    `at` BIGINT NOT NULL,
    `actor_id` VARCHAR(16),
    `actor_name` VARCHAR(64) NOT NULL,
    `note` VARCHAR(500) NOT NULL,
    KEY `idx_loss_step_case_id_0ebbcb` (`case_id`)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
-- A thing of a loan that was lost, and what became of it.
ALTER TABLE `borrowing_line` ADD COLUMN IF NOT EXISTS `lost_at` BIGINT;
ALTER TABLE `borrowing_line` ADD COLUMN IF NOT EXISTS `loss_decided_at` BIGINT;
ALTER TABLE `borrowing_line` ADD COLUMN IF NOT EXISTS `found_at` BIGINT;
