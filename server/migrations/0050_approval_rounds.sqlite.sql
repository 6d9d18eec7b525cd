-- Applications that are sent back, corrected, and sent again.
ALTER TABLE "approval_chain" ADD COLUMN "round" INT NOT NULL DEFAULT 1;
CREATE TABLE "approval_round" (
    "id" VARCHAR(16) NOT NULL PRIMARY KEY,
    "chain_id" VARCHAR(16) NOT NULL,
    "round" INT NOT NULL,
    "steps" TEXT NOT NULL,
    "changes" TEXT NOT NULL,
    "corrected_by" VARCHAR(16),
    "corrected_by_name" VARCHAR(64) NOT NULL,
    "corrected_at" BIGINT NOT NULL,
    CONSTRAINT "uid_approval_round_chain" UNIQUE ("chain_id", "round")
);
ALTER TABLE "borrowing" ADD COLUMN "correct_by" INT;
ALTER TABLE "borrowing_renewal" ADD COLUMN "correct_by" INT;
ALTER TABLE "purchase_need" ADD COLUMN "is_returned" INT NOT NULL DEFAULT 0;
CREATE INDEX "idx_borrowing_correct_by" ON "borrowing" ("correct_by");
CREATE INDEX "idx_borrowing_renewal_correct_by" ON "borrowing_renewal" ("correct_by");
