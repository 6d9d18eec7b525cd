CREATE TABLE IF NOT EXISTS "loss_case" (
    "id" VARCHAR(16) NOT NULL PRIMARY KEY,
    "number" VARCHAR(48) NOT NULL,
    "kind" VARCHAR(8) NOT NULL,
    "borrowing_id" VARCHAR(16) NOT NULL,
    "line_id" VARCHAR(16) NOT NULL,
    "asset_id" VARCHAR(16) NOT NULL,
    "asset_code" VARCHAR(48) NOT NULL,
    "asset_name" VARCHAR(160) NOT NULL,
    "value_fen" BIGINT NOT NULL,
    "borrower_unit_id" VARCHAR(16) NOT NULL,
    "borrower_unit_name" VARCHAR(128) NOT NULL,
    "borrower_unit_path" VARCHAR(255) NOT NULL,
    "holder_unit_id" VARCHAR(16) NOT NULL,
    "holder_unit_name" VARCHAR(128) NOT NULL,
    "holder_unit_path" VARCHAR(255) NOT NULL,
    "reported_by" VARCHAR(16) NOT NULL,
    "reported_by_name" VARCHAR(64) NOT NULL,
    "reported_at" BIGINT NOT NULL,
    "explanation" VARCHAR(500) NOT NULL,
    "picture_id" VARCHAR(16),
    "state" VARCHAR(16) NOT NULL,
    "decided_by" VARCHAR(16),
    "decided_by_name" VARCHAR(64) NOT NULL,
    "decided_at" BIGINT,
    "decision" VARCHAR(500) NOT NULL,
    "amount_fen" BIGINT NOT NULL,
    "due_on" INT,
    "paid_fen" BIGINT NOT NULL,
    "waived_fen" BIGINT NOT NULL,
    "waived_reason" VARCHAR(500) NOT NULL,
    "write_off_id" VARCHAR(16) UNIQUE,
    "policy_version_id" VARCHAR(16),
    "ended_at" BIGINT,
    "version" INT NOT NULL,
    CONSTRAINT "uid_loss_case_line_id_47cbee" UNIQUE ("line_id", "kind")
);
CREATE INDEX IF NOT EXISTS "idx_loss_case_borrowi_4323c3" ON "loss_case" ("borrowing_id");
CREATE INDEX IF NOT EXISTS "idx_loss_case_asset_i_be4783" ON "loss_case" ("asset_id");
CREATE INDEX IF NOT EXISTS "idx_loss_case_holder__7d2b43" ON "loss_case" ("holder_unit_path", "state", "id");
CREATE INDEX IF NOT EXISTS "idx_loss_case_borrowe_1aec1e" ON "loss_case" ("borrower_unit_path", "state", "id");
CREATE TABLE IF NOT EXISTS "loss_payment" (
    "id" VARCHAR(16) NOT NULL PRIMARY KEY,
    "case_id" VARCHAR(16) NOT NULL,
    "receipt_no" VARCHAR(64) NOT NULL,
    "paid_on" INT NOT NULL,
    "amount_fen" BIGINT NOT NULL,
    "recorded_by" VARCHAR(16) NOT NULL,
    "recorded_by_name" VARCHAR(64) NOT NULL,
    "recorded_at" BIGINT NOT NULL,
    CONSTRAINT "uid_loss_paymen_case_id_897245" UNIQUE ("case_id", "receipt_no")
);
CREATE TABLE IF NOT EXISTS "loss_step" (
    "id" VARCHAR(16) NOT NULL PRIMARY KEY,
    "case_id" VARCHAR(16) NOT NULL,
    "kind" VARCHAR(20) NOT NULL,
    "at" BIGINT NOT NULL,
    "actor_id" VARCHAR(16),
    "actor_name" VARCHAR(64) NOT NULL,
    "note" VARCHAR(500) NOT NULL
);
CREATE INDEX IF NOT EXISTS "idx_loss_step_case_id_0ebbcb" ON "loss_step" ("case_id");
-- A thing of a loan that was lost, and what became of it.
ALTER TABLE "borrowing_line" ADD COLUMN "lost_at" BIGINT;
ALTER TABLE "borrowing_line" ADD COLUMN "loss_decided_at" BIGINT;
ALTER TABLE "borrowing_line" ADD COLUMN "found_at" BIGINT;
