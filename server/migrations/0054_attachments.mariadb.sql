-- Documents beside pictures: how many pages one has, and what hangs on a comment.
ALTER TABLE `stored_file` ADD COLUMN IF NOT EXISTS `pages` INT;
ALTER TABLE `approval_comment` RENAME COLUMN IF EXISTS `pictures` TO `attachments`;
