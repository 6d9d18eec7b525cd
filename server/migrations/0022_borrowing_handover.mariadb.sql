-- Both sides sign for what is handed out and taken back; and how the borrower wants to get it.
CREATE TABLE IF NOT EXISTS `borrowing_handover` (
    `id` VARCHAR(16) NOT NULL PRIMARY KEY,
    `borrowing_id` VARCHAR(16) NOT NULL,
    `kind` VARCHAR(8) NOT NULL,
    `at` BIGINT NOT NULL,
    `pieces` INT NOT NULL,
    `keeper_id` VARCHAR(16),
    `keeper_name` VARCHAR(64) NOT NULL,
    `keeper_signature_id` VARCHAR(16),
    `other_name` VARCHAR(64) NOT NULL,
    `other_signature_id` VARCHAR(16)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE INDEX IF NOT EXISTS `idx_borrowing_handover_borrowing` ON `borrowing_handover` (`borrowing_id`);
ALTER TABLE `borrowing_line` ADD COLUMN IF NOT EXISTS `issue_handover_id` VARCHAR(16);
ALTER TABLE `borrowing_line` ADD COLUMN IF NOT EXISTS `return_handover_id` VARCHAR(16);
ALTER TABLE `borrowing` ADD COLUMN IF NOT EXISTS `collection_way` VARCHAR(12);
ALTER TABLE `borrowing` ADD COLUMN IF NOT EXISTS `collection_day` INT;
ALTER TABLE `borrowing` ADD COLUMN IF NOT EXISTS `collection_half` VARCHAR(12);
ALTER TABLE `borrowing` ADD COLUMN IF NOT EXISTS `delivery_address` VARCHAR(200);
