CREATE TABLE IF NOT EXISTS `asset_accessory` (
    `id` VARCHAR(16) NOT NULL PRIMARY KEY,
    `asset_id` VARCHAR(16) NOT NULL,
    `position` INT NOT NULL,
    `name` VARCHAR(40) NOT NULL,
    `pieces` INT NOT NULL,
    UNIQUE KEY `uid_asset_acces_asset_i_652db7` (`asset_id`, `name`)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS `line_accessory` (
    `id` VARCHAR(16) NOT NULL PRIMARY KEY,
    `borrowing_id` VARCHAR(16) NOT NULL,
    `line_id` VARCHAR(16) NOT NULL,
    `position` INT NOT NULL,
    `name` VARCHAR(40) NOT NULL,
    `pieces` INT NOT NULL,
    `issued` INT NOT NULL,
    `returned` INT,
    UNIQUE KEY `uid_line_access_line_id_5dc953` (`line_id`, `name`),
    KEY `idx_line_access_borrowi_d56b40` (`borrowing_id`)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
