-- Borrowings of several lines: what can stand in for what, which line of the application a card is for, and what was
-- never collected.
ALTER TABLE `asset_listing` ADD COLUMN IF NOT EXISTS `alike_key` VARCHAR(32) NOT NULL DEFAULT '';
CREATE INDEX IF NOT EXISTS `idx_asset_listing_alike` ON `asset_listing` (`alike_key`, `is_open`, `asset_id`);
ALTER TABLE `borrowing` ADD COLUMN IF NOT EXISTS `title` VARCHAR(200) NOT NULL DEFAULT '';
ALTER TABLE `borrowing_line` ADD COLUMN IF NOT EXISTS `item` INT NOT NULL DEFAULT 1;
ALTER TABLE `borrowing_line` ADD COLUMN IF NOT EXISTS `alike_key` VARCHAR(32) NOT NULL DEFAULT '';
ALTER TABLE `borrowing_line` ADD COLUMN IF NOT EXISTS `instead_of_code` VARCHAR(48);
ALTER TABLE `borrowing_line` ADD COLUMN IF NOT EXISTS `released_at` BIGINT;
UPDATE `borrowing` SET `title` = (SELECT MIN(l.`asset_name`) FROM `borrowing_line` l WHERE l.`borrowing_id` = `borrowing`.`id`) WHERE `title` = '' AND EXISTS (SELECT 1 FROM `borrowing_line` l WHERE l.`borrowing_id` = `borrowing`.`id`);
