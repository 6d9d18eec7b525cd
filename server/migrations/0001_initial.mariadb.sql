CREATE TABLE IF NOT EXISTS `approval_chain` (
    `id` VARCHAR(16) NOT NULL PRIMARY KEY,
    `subject_kind` VARCHAR(32) NOT NULL,
    `subject_id` VARCHAR(16) NOT NULL,
    `subject_title` VARCHAR(200) NOT NULL,
    `applicant_id` VARCHAR(16) NOT NULL,
    `applicant_name` VARCHAR(64) NOT NULL,
    `applicant_unit_id` VARCHAR(16) NOT NULL,
    `applicant_unit_name` VARCHAR(128) NOT NULL,
    `policy_version_id` VARCHAR(16) NOT NULL,
    `steps` LONGTEXT NOT NULL,
    `current_step` INT NOT NULL,
    `state` VARCHAR(16) NOT NULL,
    `created_at` BIGINT NOT NULL,
    `decided_at` BIGINT,
    UNIQUE KEY `uid_approval_ch_subject_564304` (`subject_kind`, `subject_id`)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS `approval_task` (
    `id` VARCHAR(16) NOT NULL PRIMARY KEY,
    `chain_id` VARCHAR(16) NOT NULL,
    `step` INT NOT NULL,
    `name` VARCHAR(64) NOT NULL,
    `role` VARCHAR(32) NOT NULL,
    `unit_id` VARCHAR(16) NOT NULL,
    `unit_name` VARCHAR(128) NOT NULL,
    `unit_path` VARCHAR(255) NOT NULL,
    `state` VARCHAR(16) NOT NULL,
    `opinion` VARCHAR(500),
    `decided_by` VARCHAR(16),
    `decided_by_name` VARCHAR(64),
    `on_behalf_of` VARCHAR(16),
    `on_behalf_of_name` VARCHAR(64),
    `created_at` BIGINT NOT NULL,
    `decided_at` BIGINT,
    UNIQUE KEY `uid_approval_ta_chain_i_228b42` (`chain_id`, `step`),
    KEY `idx_approval_ta_chain_i_0b22a9` (`chain_id`),
    KEY `idx_approval_ta_state_cb5180` (`state`, `role`, `unit_path`, `id`),
    KEY `idx_approval_ta_decided_1b66f1` (`decided_by`, `id`)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS `asset_card` (
    `id` VARCHAR(16) NOT NULL PRIMARY KEY,
    `code` VARCHAR(48) NOT NULL UNIQUE,
    `name` VARCHAR(160) NOT NULL,
    `item_name` VARCHAR(64) NOT NULL,
    `brand` VARCHAR(64) NOT NULL,
    `model` VARCHAR(64) NOT NULL,
    `specification` VARCHAR(255) NOT NULL,
    `category_code` VARCHAR(12) NOT NULL,
    `value_fen` BIGINT NOT NULL,
    `acquired_on` INT NOT NULL,
    `condition` VARCHAR(16) NOT NULL,
    `state` VARCHAR(24) NOT NULL,
    `owner_unit_id` VARCHAR(16) NOT NULL,
    `holder_unit_id` VARCHAR(16) NOT NULL,
    `holder_unit_path` VARCHAR(255) NOT NULL,
    `custodian_id` VARCHAR(16),
    `lent_to_unit_id` VARCHAR(16),
    `place_id` VARCHAR(16) NOT NULL,
    `finance_card_no` VARCHAR(64) UNIQUE,
    `is_classified` BOOL NOT NULL,
    `is_storage_medium` BOOL NOT NULL,
    `cleared_at` BIGINT,
    `frozen_reason` VARCHAR(200),
    `picture_id` VARCHAR(16),
    `version` INT NOT NULL,
    `created_at` BIGINT NOT NULL,
    KEY `idx_asset_card_categor_8626b7` (`category_code`),
    KEY `idx_asset_card_place_i_638932` (`place_id`),
    KEY `idx_asset_card_holder__ccf6bf` (`holder_unit_path`, `id`),
    KEY `idx_asset_card_holder__19419d` (`holder_unit_id`, `state`, `id`),
    KEY `idx_asset_card_owner_u_557597` (`owner_unit_id`, `id`),
    KEY `idx_asset_card_custodi_668714` (`custodian_id`)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS `asset_event` (
    `id` VARCHAR(16) NOT NULL PRIMARY KEY,
    `asset_id` VARCHAR(16) NOT NULL,
    `kind` VARCHAR(32) NOT NULL,
    `at` BIGINT NOT NULL,
    `actor_id` VARCHAR(16),
    `actor_name` VARCHAR(64) NOT NULL,
    `unit_id` VARCHAR(16),
    `reason` VARCHAR(200) NOT NULL,
    `document_no` VARCHAR(64),
    `before` LONGTEXT NOT NULL,
    `after` LONGTEXT NOT NULL,
    KEY `idx_asset_event_asset_i_cbdba3` (`asset_id`, `id`)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS `asset_label` (
    `id` VARCHAR(16) NOT NULL PRIMARY KEY,
    `asset_id` VARCHAR(16) NOT NULL,
    `token` VARCHAR(32) NOT NULL UNIQUE,
    `serial` INT NOT NULL,
    `printed_at` BIGINT NOT NULL,
    `printed_by` VARCHAR(16) NOT NULL,
    `voided_at` BIGINT,
    KEY `idx_asset_label_asset_i_874800` (`asset_id`)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS `asset_day` (
    `id` VARCHAR(24) NOT NULL PRIMARY KEY,
    `asset_id` VARCHAR(16) NOT NULL,
    `day` INT NOT NULL,
    `next_day` INT NOT NULL,
    `borrowing_id` VARCHAR(16) NOT NULL,
    UNIQUE KEY `uid_asset_day_asset_i_6adc21` (`asset_id`, `day`),
    KEY `idx_asset_day_borrowi_5ee2fb` (`borrowing_id`)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS `asset_listing` (
    `id` VARCHAR(16) NOT NULL PRIMARY KEY,
    `asset_id` VARCHAR(16) NOT NULL,
    `open_key` VARCHAR(16) UNIQUE,
    `is_open` BOOL NOT NULL,
    `code` VARCHAR(48) NOT NULL,
    `name` VARCHAR(160) NOT NULL,
    `brand` VARCHAR(64) NOT NULL,
    `model` VARCHAR(64) NOT NULL,
    `specification` VARCHAR(255) NOT NULL,
    `category_code` VARCHAR(12) NOT NULL,
    `category_name` VARCHAR(128) NOT NULL,
    `condition` VARCHAR(16) NOT NULL,
    `value_fen` BIGINT NOT NULL,
    `holder_unit_id` VARCHAR(16) NOT NULL,
    `holder_unit_name` VARCHAR(128) NOT NULL,
    `region_code` VARCHAR(12) NOT NULL,
    `region_name` VARCHAR(64) NOT NULL,
    `reach_path` VARCHAR(96) NOT NULL,
    `place_id` VARCHAR(16) NOT NULL,
    `place_path` VARCHAR(160) NOT NULL,
    `place_name` VARCHAR(255) NOT NULL,
    `picture_id` VARCHAR(16),
    `terms` VARCHAR(500) NOT NULL,
    `longest_days` INT NOT NULL,
    `listed_at` BIGINT NOT NULL,
    `listed_by` VARCHAR(16) NOT NULL,
    `closed_at` BIGINT,
    `close_reason` VARCHAR(200),
    KEY `idx_asset_listi_asset_i_2d970c` (`asset_id`),
    KEY `idx_asset_listi_holder__b89d68` (`holder_unit_id`),
    KEY `idx_asset_listi_is_open_1acd7b` (`is_open`, `reach_path`, `listed_at`, `id`),
    KEY `idx_asset_listi_is_open_958f2b` (`is_open`, `reach_path`, `value_fen`, `id`),
    KEY `idx_asset_listi_is_open_99d95e` (`is_open`, `reach_path`, `category_code`, `listed_at`, `id`),
    KEY `idx_asset_listi_is_open_ec2b23` (`is_open`, `reach_path`, `region_code`, `listed_at`, `id`),
    KEY `idx_asset_listi_is_open_2a5156` (`is_open`, `reach_path`, `condition`, `listed_at`, `id`)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS `borrowing` (
    `id` VARCHAR(16) NOT NULL PRIMARY KEY,
    `number` VARCHAR(48) NOT NULL,
    `applicant_id` VARCHAR(16) NOT NULL,
    `applicant_name` VARCHAR(64) NOT NULL,
    `applicant_phone_sealed` VARCHAR(255),
    `borrower_unit_id` VARCHAR(16) NOT NULL,
    `borrower_unit_name` VARCHAR(128) NOT NULL,
    `borrower_unit_path` VARCHAR(255) NOT NULL,
    `holder_unit_id` VARCHAR(16) NOT NULL,
    `holder_unit_name` VARCHAR(128) NOT NULL,
    `holder_unit_path` VARCHAR(255) NOT NULL,
    `place_id` VARCHAR(16) NOT NULL,
    `place_path` VARCHAR(160) NOT NULL,
    `place_name` VARCHAR(255) NOT NULL,
    `purpose` VARCHAR(500) NOT NULL,
    `from_day` INT NOT NULL,
    `to_day` INT NOT NULL,
    `state` VARCHAR(24) NOT NULL,
    `is_overdue` BOOL NOT NULL,
    `policy_version_id` VARCHAR(16) NOT NULL,
    `submitted_at` BIGINT NOT NULL,
    `approved_at` BIGINT,
    `collect_by` INT,
    `issued_at` BIGINT,
    `returned_at` BIGINT,
    `closed_at` BIGINT,
    `reminded` INT,
    `end_reason` VARCHAR(500),
    `version` INT NOT NULL,
    UNIQUE KEY `uid_borrowing_borrowe_b2b13d` (`borrower_unit_id`, `number`),
    KEY `idx_borrowing_applica_87c128` (`applicant_id`, `id`),
    KEY `idx_borrowing_borrowe_793fb7` (`borrower_unit_path`, `id`),
    KEY `idx_borrowing_holder__d5f13f` (`holder_unit_path`, `id`),
    KEY `idx_borrowing_place_p_f618a9` (`place_path`, `id`),
    KEY `idx_borrowing_state_5a0903` (`state`, `collect_by`),
    KEY `idx_borrowing_state_39863e` (`state`, `to_day`)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS `borrowing_event` (
    `id` VARCHAR(16) NOT NULL PRIMARY KEY,
    `borrowing_id` VARCHAR(16) NOT NULL,
    `kind` VARCHAR(24) NOT NULL,
    `at` BIGINT NOT NULL,
    `actor_id` VARCHAR(16),
    `actor_name` VARCHAR(64) NOT NULL,
    `note` VARCHAR(500) NOT NULL,
    KEY `idx_borrowing_e_borrowi_497139` (`borrowing_id`, `id`)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS `borrowing_line` (
    `id` VARCHAR(16) NOT NULL PRIMARY KEY,
    `borrowing_id` VARCHAR(16) NOT NULL,
    `asset_id` VARCHAR(16) NOT NULL,
    `asset_code` VARCHAR(48) NOT NULL,
    `asset_name` VARCHAR(160) NOT NULL,
    `value_fen` BIGINT NOT NULL,
    `issued_at` BIGINT,
    `issued_by` VARCHAR(16),
    `issued_to` VARCHAR(64),
    `returned_at` BIGINT,
    `returned_by` VARCHAR(16),
    `inspected_at` BIGINT,
    `inspected_by` VARCHAR(16),
    `inspection_result` VARCHAR(16),
    `inspection_note` VARCHAR(500),
    `inspection_picture_id` VARCHAR(16),
    `damage_decision` VARCHAR(500),
    `damage_decided_at` BIGINT,
    `damage_decided_by` VARCHAR(16),
    KEY `idx_borrowing_l_borrowi_b029d6` (`borrowing_id`),
    KEY `idx_borrowing_l_asset_i_3b2e4b` (`asset_id`)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS `category` (
    `code` VARCHAR(12) NOT NULL PRIMARY KEY,
    `name` VARCHAR(128) NOT NULL,
    `level` INT NOT NULL,
    `parent_code` VARCHAR(12),
    `kind` VARCHAR(16) NOT NULL,
    `path` VARCHAR(96) NOT NULL,
    `source` VARCHAR(64) NOT NULL,
    `version` VARCHAR(16) NOT NULL,
    KEY `idx_category_parent__ae3d78` (`parent_code`),
    KEY `idx_category_path_09eb5d` (`path`)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS `file_reader` (
    `id` VARCHAR(16) NOT NULL PRIMARY KEY,
    `file_id` VARCHAR(16) NOT NULL,
    `unit_id` VARCHAR(16) NOT NULL,
    UNIQUE KEY `uid_file_reader_file_id_9ae6b1` (`file_id`, `unit_id`)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS `stored_file` (
    `id` VARCHAR(16) NOT NULL PRIMARY KEY,
    `kind` VARCHAR(16) NOT NULL,
    `media_type` VARCHAR(64) NOT NULL,
    `size` BIGINT NOT NULL,
    `sha256` VARCHAR(64) NOT NULL,
    `thumbnail_sha256` VARCHAR(64),
    `width` INT,
    `height` INT,
    `original_name` VARCHAR(128) NOT NULL,
    `owner_unit_id` VARCHAR(16) NOT NULL,
    `uploaded_by` VARCHAR(16) NOT NULL,
    `uploaded_at` BIGINT NOT NULL,
    `visibility` VARCHAR(16) NOT NULL,
    KEY `idx_stored_file_sha256_1a16cf` (`sha256`),
    KEY `idx_stored_file_thumbna_dea5d1` (`thumbnail_sha256`),
    KEY `idx_stored_file_owner_u_e83535` (`owner_unit_id`)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS `delegation` (
    `id` VARCHAR(16) NOT NULL PRIMARY KEY,
    `from_person_id` VARCHAR(16) NOT NULL,
    `to_person_id` VARCHAR(16) NOT NULL,
    `unit_id` VARCHAR(16) NOT NULL,
    `role` VARCHAR(32) NOT NULL,
    `starts_on` INT NOT NULL,
    `ends_on` INT NOT NULL,
    `reason` VARCHAR(200) NOT NULL,
    `created_at` BIGINT NOT NULL,
    `revoked_at` BIGINT,
    KEY `idx_delegation_from_pe_e391c7` (`from_person_id`),
    KEY `idx_delegation_to_pers_e9bcb8` (`to_person_id`)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS `handover` (
    `id` VARCHAR(16) NOT NULL PRIMARY KEY,
    `from_person_id` VARCHAR(16) NOT NULL,
    `to_person_id` VARCHAR(16) NOT NULL,
    `unit_id` VARCHAR(16) NOT NULL,
    `items` LONGTEXT NOT NULL,
    `note` LONGTEXT NOT NULL,
    `signed_at` BIGINT NOT NULL,
    `signed_by` VARCHAR(16) NOT NULL,
    KEY `idx_handover_from_pe_8ab720` (`from_person_id`)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS `invitation` (
    `id` VARCHAR(16) NOT NULL PRIMARY KEY,
    `person_id` VARCHAR(16) NOT NULL,
    `code_index` VARCHAR(64) NOT NULL UNIQUE,
    `created_by` VARCHAR(16) NOT NULL,
    `created_at` BIGINT NOT NULL,
    `expires_at` BIGINT NOT NULL,
    `used_at` BIGINT,
    KEY `idx_invitation_person__350faa` (`person_id`)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS `login_failure` (
    `id` VARCHAR(64) NOT NULL PRIMARY KEY,
    `failures` INT NOT NULL,
    `locked_until` BIGINT NOT NULL,
    `failed_at` BIGINT NOT NULL,
    KEY `idx_login_failu_failed__137dae` (`failed_at`)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS `party` (
    `id` VARCHAR(16) NOT NULL PRIMARY KEY,
    `kind` VARCHAR(24) NOT NULL,
    `name` VARCHAR(128) NOT NULL,
    `credit_code` VARCHAR(18) UNIQUE
) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS `person` (
    `id` VARCHAR(16) NOT NULL PRIMARY KEY,
    `name` VARCHAR(64) NOT NULL,
    `login_name` VARCHAR(64) UNIQUE,
    `phone_sealed` VARCHAR(255),
    `phone_index` VARCHAR(64) UNIQUE,
    `password_hash` VARCHAR(255),
    `must_change_password` BOOL NOT NULL,
    `totp_sealed` VARCHAR(255),
    `totp_step` INT NOT NULL,
    `is_totp_confirmed` BOOL NOT NULL,
    `wechat_index` VARCHAR(64) UNIQUE,
    `wechat_sealed` VARCHAR(255),
    `is_active` BOOL NOT NULL,
    `version` INT NOT NULL,
    `created_at` BIGINT NOT NULL
) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS `post` (
    `id` VARCHAR(16) NOT NULL PRIMARY KEY,
    `person_id` VARCHAR(16) NOT NULL,
    `unit_id` VARCHAR(16) NOT NULL,
    `title` VARCHAR(64) NOT NULL,
    `is_active` BOOL NOT NULL,
    UNIQUE KEY `uid_post_person__ced8de` (`person_id`, `unit_id`),
    KEY `idx_post_person__7c0ef5` (`person_id`),
    KEY `idx_post_unit_id_dbdd57` (`unit_id`)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS `region` (
    `code` VARCHAR(12) NOT NULL PRIMARY KEY,
    `name` VARCHAR(64) NOT NULL,
    `parent_code` VARCHAR(12),
    `level` VARCHAR(24) NOT NULL,
    `path` VARCHAR(96) NOT NULL,
    KEY `idx_region_path_c456b3` (`path`)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS `role_grant` (
    `id` VARCHAR(16) NOT NULL PRIMARY KEY,
    `post_id` VARCHAR(16) NOT NULL,
    `role` VARCHAR(32) NOT NULL,
    `is_subtree` BOOL NOT NULL,
    `granted_by` VARCHAR(16),
    `granted_at` BIGINT NOT NULL,
    `revoked_at` BIGINT,
    KEY `idx_role_grant_post_id_ad7c31` (`post_id`),
    KEY `idx_role_grant_role_b71830` (`role`, `post_id`)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS `session` (
    `id` VARCHAR(64) NOT NULL PRIMARY KEY,
    `person_id` VARCHAR(16) NOT NULL,
    `unit_id` VARCHAR(16),
    `channel` VARCHAR(8) NOT NULL,
    `csrf_token` VARCHAR(64) NOT NULL,
    `has_second_factor` BOOL NOT NULL,
    `created_at` BIGINT NOT NULL,
    `seen_at` BIGINT NOT NULL,
    `expires_at` BIGINT NOT NULL,
    `idle_seconds` INT NOT NULL,
    `ended_at` BIGINT,
    `user_agent` VARCHAR(200) NOT NULL,
    KEY `idx_session_person__9420e7` (`person_id`),
    KEY `idx_session_expires_823c67` (`expires_at`)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS `unit` (
    `id` VARCHAR(16) NOT NULL PRIMARY KEY,
    `party_id` VARCHAR(16) NOT NULL UNIQUE,
    `code` VARCHAR(24) NOT NULL UNIQUE,
    `name` VARCHAR(128) NOT NULL,
    `short_name` VARCHAR(32) NOT NULL,
    `kind` VARCHAR(24) NOT NULL,
    `region_code` VARCHAR(12) NOT NULL,
    `parent_id` VARCHAR(16),
    `path` VARCHAR(255) NOT NULL,
    `is_finance_authority` BOOL NOT NULL,
    `is_operator` BOOL NOT NULL,
    `lead_unit_id` VARCHAR(16),
    `ends_on` INT,
    `is_active` BOOL NOT NULL,
    `version` INT NOT NULL,
    KEY `idx_unit_region__03c9c1` (`region_code`),
    KEY `idx_unit_parent__30d09e` (`parent_id`),
    KEY `idx_unit_path_d56b9a` (`path`)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS `audit_event` (
    `id` VARCHAR(16) NOT NULL PRIMARY KEY,
    `at` BIGINT NOT NULL,
    `action` VARCHAR(64) NOT NULL,
    `outcome` VARCHAR(16) NOT NULL,
    `actor_kind` VARCHAR(16) NOT NULL,
    `actor_id` VARCHAR(16),
    `actor_name` VARCHAR(64) NOT NULL,
    `unit_id` VARCHAR(16),
    `request_id` VARCHAR(64) NOT NULL,
    `subject_kind` VARCHAR(32) NOT NULL,
    `subject_id` VARCHAR(64) NOT NULL,
    `facts` LONGTEXT NOT NULL,
    `sequence` BIGINT UNIQUE,
    `previous_hash` VARCHAR(64),
    `hash` VARCHAR(64),
    KEY `idx_audit_event_subject_eaf815` (`subject_kind`, `subject_id`, `id`),
    KEY `idx_audit_event_actor_i_0df092` (`actor_id`, `id`),
    KEY `idx_audit_event_unit_id_4970f9` (`unit_id`, `id`)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS `audit_head` (
    `name` VARCHAR(16) NOT NULL PRIMARY KEY,
    `count` BIGINT NOT NULL,
    `hash` VARCHAR(64) NOT NULL
) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS `counter` (
    `series` VARCHAR(96) NOT NULL PRIMARY KEY,
    `value` BIGINT NOT NULL
) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS `idempotency_key` (
    `id` VARCHAR(64) NOT NULL PRIMARY KEY,
    `request_hash` VARCHAR(64) NOT NULL,
    `answer` LONGTEXT NOT NULL,
    `is_refusal` BOOL NOT NULL,
    `created_at` BIGINT NOT NULL,
    KEY `idx_idempotency_created_98dcfd` (`created_at`)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS `outbox_delivery` (
    `id` VARCHAR(96) NOT NULL PRIMARY KEY,
    `delivered_at` BIGINT NOT NULL
) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS `outbox_event` (
    `id` VARCHAR(16) NOT NULL PRIMARY KEY,
    `topic` VARCHAR(64) NOT NULL,
    `payload` LONGTEXT NOT NULL,
    `created_at` BIGINT NOT NULL,
    `due_at` BIGINT NOT NULL,
    `attempts` INT NOT NULL,
    `last_error` VARCHAR(255),
    `delivered_at` BIGINT,
    KEY `idx_outbox_even_deliver_477f23` (`delivered_at`, `due_at`, `id`)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS `scheduled_job` (
    `name` VARCHAR(64) NOT NULL PRIMARY KEY,
    `due_at` BIGINT NOT NULL,
    `leased_until` BIGINT,
    `last_error` VARCHAR(255)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS `notice` (
    `id` VARCHAR(16) NOT NULL PRIMARY KEY,
    `person_id` VARCHAR(16) NOT NULL,
    `title` VARCHAR(100) NOT NULL,
    `body` VARCHAR(500) NOT NULL,
    `link_kind` VARCHAR(32) NOT NULL,
    `link_id` VARCHAR(32) NOT NULL,
    `created_at` BIGINT NOT NULL,
    `read_at` BIGINT,
    `dedupe_key` VARCHAR(128) NOT NULL UNIQUE,
    KEY `idx_notice_person__87a041` (`person_id`, `id`),
    KEY `idx_notice_person__f5551c` (`person_id`, `read_at`)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS `keeper_assignment` (
    `id` VARCHAR(16) NOT NULL PRIMARY KEY,
    `person_id` VARCHAR(16) NOT NULL,
    `place_id` VARCHAR(16) NOT NULL,
    `assigned_by` VARCHAR(16) NOT NULL,
    `assigned_at` BIGINT NOT NULL,
    `ended_at` BIGINT,
    KEY `idx_keeper_assi_place_i_b7f55b` (`place_id`),
    KEY `idx_keeper_assi_person__daee1a` (`person_id`, `place_id`)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS `place` (
    `id` VARCHAR(16) NOT NULL PRIMARY KEY,
    `kind` VARCHAR(16) NOT NULL,
    `code` VARCHAR(32) NOT NULL UNIQUE,
    `name` VARCHAR(64) NOT NULL,
    `parent_id` VARCHAR(16),
    `path` VARCHAR(160) NOT NULL,
    `unit_id` VARCHAR(16) NOT NULL,
    `unit_path` VARCHAR(255) NOT NULL,
    `region_code` VARCHAR(12) NOT NULL,
    `address` VARCHAR(200) NOT NULL,
    `is_active` BOOL NOT NULL,
    KEY `idx_place_parent__f27ec3` (`parent_id`),
    KEY `idx_place_path_b444da` (`path`),
    KEY `idx_place_unit_id_17cd94` (`unit_id`),
    KEY `idx_place_region__cebed1` (`region_code`),
    KEY `idx_place_unit_pa_ae7622` (`unit_path`, `path`)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS `calendar_day` (
    `id` VARCHAR(16) NOT NULL PRIMARY KEY,
    `region_code` VARCHAR(12) NOT NULL,
    `day` INT NOT NULL,
    `is_working` BOOL NOT NULL,
    `name` VARCHAR(64) NOT NULL,
    `source` VARCHAR(128) NOT NULL,
    UNIQUE KEY `uid_calendar_da_region__37d6ba` (`region_code`, `day`)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
CREATE TABLE IF NOT EXISTS `policy_version` (
    `id` VARCHAR(16) NOT NULL PRIMARY KEY,
    `region_code` VARCHAR(12) NOT NULL,
    `kind` VARCHAR(32) NOT NULL,
    `version` INT NOT NULL,
    `effective_from` BIGINT NOT NULL,
    `content` LONGTEXT NOT NULL,
    `reason` LONGTEXT NOT NULL,
    `created_by` VARCHAR(16),
    `created_by_name` VARCHAR(64) NOT NULL,
    `created_at` BIGINT NOT NULL,
    UNIQUE KEY `uid_policy_vers_region__232dfe` (`region_code`, `kind`, `version`),
    KEY `idx_policy_vers_kind_45da03` (`kind`, `region_code`, `effective_from`)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
