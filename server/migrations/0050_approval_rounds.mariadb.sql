-- Applications that are sent back, corrected, and sent again.
ALTER TABLE `approval_chain` ADD COLUMN IF NOT EXISTS `round` INT NOT NULL DEFAULT 1;
CREATE TABLE IF NOT EXISTS `approval_round` (
    `id` VARCHAR(16) NOT NULL PRIMARY KEY,
    `chain_id` VARCHAR(16) NOT NULL,
    `round` INT NOT NULL,
    `steps` LONGTEXT NOT NULL,
    `changes` LONGTEXT NOT NULL,
    `corrected_by` VARCHAR(16),
    `corrected_by_name` VARCHAR(64) NOT NULL,
    `corrected_at` BIGINT NOT NULL,
    UNIQUE KEY `uid_approval_round_chain` (`chain_id`, `round`)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
ALTER TABLE `borrowing` ADD COLUMN IF NOT EXISTS `correct_by` INT;
ALTER TABLE `borrowing_renewal` ADD COLUMN IF NOT EXISTS `correct_by` INT;
ALTER TABLE `purchase_need` ADD COLUMN IF NOT EXISTS `is_returned` BOOL NOT NULL DEFAULT 0;
CREATE INDEX IF NOT EXISTS `idx_borrowing_correct_by` ON `borrowing` (`correct_by`);
CREATE INDEX IF NOT EXISTS `idx_borrowing_renewal_correct_by` ON `borrowing_renewal` (`correct_by`);
