-- What applicants and approvers say to each other about an application.
CREATE TABLE IF NOT EXISTS `approval_comment` (
    `id` VARCHAR(16) NOT NULL PRIMARY KEY,
    `chain_id` VARCHAR(16) NOT NULL,
    `author_id` VARCHAR(16) NOT NULL,
    `author_name` VARCHAR(64) NOT NULL,
    `author_unit_name` VARCHAR(128) NOT NULL,
    `text` VARCHAR(1000) NOT NULL,
    `pictures` LONGTEXT NOT NULL,
    `created_at` BIGINT NOT NULL,
    `withdrawable_until` BIGINT NOT NULL,
    `withdrawn_at` BIGINT
) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE INDEX IF NOT EXISTS `idx_approval_comment_chain` ON `approval_comment` (`chain_id`, `id`);
CREATE INDEX IF NOT EXISTS `idx_approval_comment_author` ON `approval_comment` (`author_id`);
