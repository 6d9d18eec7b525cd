-- What somebody means to apply for together.
CREATE TABLE IF NOT EXISTS `basket_item` (
    `id` VARCHAR(16) NOT NULL PRIMARY KEY,
    `person_id` VARCHAR(16) NOT NULL,
    `unit_id` VARCHAR(16) NOT NULL,
    `asset_id` VARCHAR(16) NOT NULL,
    `quantity` INT,
    `added_at` BIGINT NOT NULL,
    UNIQUE KEY `uid_basket_item` (`person_id`, `unit_id`, `asset_id`)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
