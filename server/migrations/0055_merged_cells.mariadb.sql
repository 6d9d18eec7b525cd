-- Which cells of a ledger's row are only the rest of a merged one.
ALTER TABLE `ledger_import_row` ADD COLUMN IF NOT EXISTS `carried` VARCHAR(400) NOT NULL DEFAULT '';
