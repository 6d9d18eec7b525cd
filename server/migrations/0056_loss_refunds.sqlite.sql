-- What was paid for a lost thing that was found again, and is paid back.
ALTER TABLE "loss_case" ADD COLUMN "refunded_fen" BIGINT NOT NULL DEFAULT 0;
CREATE TABLE IF NOT EXISTS "loss_refund" (
    "id" VARCHAR(16) NOT NULL PRIMARY KEY,
    "case_id" VARCHAR(16) NOT NULL,
    "document_no" VARCHAR(64) NOT NULL,
    "refunded_on" INT NOT NULL,
    "amount_fen" BIGINT NOT NULL,
    "recorded_by" VARCHAR(16) NOT NULL,
    "recorded_by_name" VARCHAR(64) NOT NULL,
    "recorded_at" BIGINT NOT NULL,
    CONSTRAINT "uid_loss_refund_case_id_document" UNIQUE ("case_id", "document_no")
);
