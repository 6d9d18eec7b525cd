-- What people allow to be sent to their WeChat, and what is on its way there.
CREATE TABLE IF NOT EXISTS `message_consent` (
    `id` VARCHAR(16) NOT NULL PRIMARY KEY,
    `person_id` VARCHAR(16) NOT NULL,
    `template_id` VARCHAR(64) NOT NULL,
    `remaining` INT NOT NULL,
    `is_standing` BOOL NOT NULL,
    `last_answer` VARCHAR(8) NOT NULL,
    `answered_at` BIGINT NOT NULL
) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE UNIQUE INDEX IF NOT EXISTS `uid_message_consent` ON `message_consent` (`person_id`, `template_id`);
CREATE TABLE IF NOT EXISTS `wechat_message` (
    `id` VARCHAR(16) NOT NULL PRIMARY KEY,
    `notice_id` VARCHAR(16) NOT NULL,
    `person_id` VARCHAR(16) NOT NULL,
    `template_id` VARCHAR(64) NOT NULL,
    `state` VARCHAR(8) NOT NULL,
    `attempts` INT NOT NULL,
    `errcode` INT,
    `created_at` BIGINT NOT NULL,
    `due_at` BIGINT NOT NULL,
    `ended_at` BIGINT
) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE UNIQUE INDEX IF NOT EXISTS `uid_wechat_message_notice` ON `wechat_message` (`notice_id`);
CREATE INDEX IF NOT EXISTS `idx_wechat_message_due` ON `wechat_message` (`state`, `due_at`);
CREATE INDEX IF NOT EXISTS `idx_wechat_message_person` ON `wechat_message` (`person_id`);
