-- Why roles were given and taken, requests for them, and the receiver's signature on handover lists.
ALTER TABLE `role_grant` ADD COLUMN IF NOT EXISTS `reason` VARCHAR(200) NOT NULL DEFAULT '';
ALTER TABLE `role_grant` ADD COLUMN IF NOT EXISTS `revoked_by` VARCHAR(16);
ALTER TABLE `role_grant` ADD COLUMN IF NOT EXISTS `revoke_reason` VARCHAR(200) NOT NULL DEFAULT '';
ALTER TABLE `handover` ADD COLUMN IF NOT EXISTS `received_at` BIGINT;
ALTER TABLE `handover` ADD COLUMN IF NOT EXISTS `received_by` VARCHAR(16);
ALTER TABLE `handover` ADD COLUMN IF NOT EXISTS `is_received_on_paper` BOOL NOT NULL DEFAULT 0;
-- Lists from before were signed on paper alone.
UPDATE `handover` SET `received_at` = `signed_at`, `received_by` = `signed_by`, `is_received_on_paper` = 1 WHERE `received_at` IS NULL;
CREATE INDEX IF NOT EXISTS `idx_handover_to_pers_received` ON `handover` (`to_person_id`, `received_at`);
CREATE TABLE IF NOT EXISTS `role_request` (
    `id` VARCHAR(16) NOT NULL PRIMARY KEY,
    `post_id` VARCHAR(16) NOT NULL,
    `role` VARCHAR(32) NOT NULL,
    `is_subtree` BOOL NOT NULL,
    `reason` VARCHAR(200) NOT NULL,
    `state` VARCHAR(16) NOT NULL,
    `requested_by` VARCHAR(16),
    `requested_by_name` VARCHAR(64) NOT NULL,
    `requested_at` BIGINT NOT NULL,
    `decided_by` VARCHAR(16),
    `decided_by_name` VARCHAR(64) NOT NULL,
    `decided_at` BIGINT,
    `decision_note` VARCHAR(200) NOT NULL,
    KEY `idx_role_reques_post_id_dcb689` (`post_id`),
    KEY `idx_role_reques_state_f03207` (`state`, `id`)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
