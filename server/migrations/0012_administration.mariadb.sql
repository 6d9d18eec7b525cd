-- Administration: what dictionaries were, papers and calling off of policies, and the audit by action.
CREATE TABLE IF NOT EXISTS `dictionary_change` (
    `id` VARCHAR(16) NOT NULL PRIMARY KEY,
    `dictionary` VARCHAR(16) NOT NULL,
    `entry` VARCHAR(64) NOT NULL,
    `at` BIGINT NOT NULL,
    `actor_name` VARCHAR(64) NOT NULL,
    `source` VARCHAR(128) NOT NULL,
    `before` LONGTEXT,
    `after` LONGTEXT,
    KEY `idx_dictionary__diction_37d810` (`dictionary`, `id`)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE INDEX IF NOT EXISTS `idx_audit_event_action_ed6e8c` ON `audit_event` (`action`, `id`);
ALTER TABLE `policy_version` ADD COLUMN IF NOT EXISTS `document_no` VARCHAR(64) NOT NULL DEFAULT '';
ALTER TABLE `policy_version` ADD COLUMN IF NOT EXISTS `cancelled_at` BIGINT;
ALTER TABLE `policy_version` ADD COLUMN IF NOT EXISTS `cancelled_by_name` VARCHAR(64);
ALTER TABLE `policy_version` ADD COLUMN IF NOT EXISTS `cancel_reason` LONGTEXT;
