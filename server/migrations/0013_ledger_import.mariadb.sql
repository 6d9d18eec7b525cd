-- Ledgers on their way to cards: imports, their rows, what they made, and what a unit has said of its words.
CREATE TABLE IF NOT EXISTS `ledger_import` (
    `id` VARCHAR(16) NOT NULL PRIMARY KEY,
    `unit_id` VARCHAR(16) NOT NULL,
    `file_id` VARCHAR(16) NOT NULL,
    `sha256` VARCHAR(64) NOT NULL,
    `file_name` VARCHAR(128) NOT NULL,
    `state` VARCHAR(16) NOT NULL,
    `created_at` BIGINT NOT NULL,
    `created_by` VARCHAR(16) NOT NULL,
    `created_by_name` VARCHAR(64) NOT NULL,
    `asked_by` LONGTEXT NOT NULL,
    `plan` LONGTEXT NOT NULL,
    `matches` LONGTEXT NOT NULL,
    `refusal` LONGTEXT,
    `counts` LONGTEXT NOT NULL,
    `row_count` INT NOT NULL,
    `done_count` INT NOT NULL,
    `chosen` INT NOT NULL,
    `changes` INT NOT NULL,
    `finished_at` BIGINT,
    `finished_by_name` VARCHAR(64),
    `worked_until` BIGINT NOT NULL,
    KEY `idx_ledger_impo_unit_id_c76fbb` (`unit_id`, `id`),
    KEY `idx_ledger_impo_state_e8362c` (`state`, `worked_until`)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS `ledger_import_card` (
    `id` VARCHAR(40) NOT NULL PRIMARY KEY,
    `row_id` VARCHAR(24) NOT NULL,
    `asset_id` VARCHAR(16) NOT NULL,
    `code` VARCHAR(48) NOT NULL,
    `version` INT NOT NULL,
    `before` LONGTEXT NOT NULL
) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS `ledger_import_row` (
    `id` VARCHAR(24) NOT NULL PRIMARY KEY,
    `import_id` VARCHAR(16) NOT NULL,
    `sheet` INT NOT NULL,
    `number` INT NOT NULL,
    `cells` LONGTEXT NOT NULL,
    `verdict` VARCHAR(16) NOT NULL,
    `outcome` LONGTEXT NOT NULL,
    `asset_id` VARCHAR(16),
    `is_chosen` BOOL NOT NULL,
    `fields` VARCHAR(255) NOT NULL,
    KEY `idx_ledger_impo_import__7f6a85` (`import_id`, `verdict`, `id`)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS `ledger_memory` (
    `id` VARCHAR(64) NOT NULL PRIMARY KEY,
    `unit_id` VARCHAR(16) NOT NULL,
    `kind` VARCHAR(12) NOT NULL,
    `text` VARCHAR(255) NOT NULL,
    `value` VARCHAR(64) NOT NULL,
    KEY `idx_ledger_memo_unit_id_25adbc` (`unit_id`, `kind`)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
