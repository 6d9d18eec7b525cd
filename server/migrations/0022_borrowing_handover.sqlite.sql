-- Both sides sign for what is handed out and taken back; and how the borrower wants to get it.
CREATE TABLE "borrowing_handover" (
    "id" VARCHAR(16) NOT NULL PRIMARY KEY,
    "borrowing_id" VARCHAR(16) NOT NULL,
    "kind" VARCHAR(8) NOT NULL,
    "at" BIGINT NOT NULL,
    "pieces" INT NOT NULL,
    "keeper_id" VARCHAR(16),
    "keeper_name" VARCHAR(64) NOT NULL,
    "keeper_signature_id" VARCHAR(16),
    "other_name" VARCHAR(64) NOT NULL,
    "other_signature_id" VARCHAR(16)
);
CREATE INDEX "idx_borrowing_handover_borrowing" ON "borrowing_handover" ("borrowing_id");
ALTER TABLE "borrowing_line" ADD COLUMN "issue_handover_id" VARCHAR(16);
ALTER TABLE "borrowing_line" ADD COLUMN "return_handover_id" VARCHAR(16);
ALTER TABLE "borrowing" ADD COLUMN "collection_way" VARCHAR(12);
ALTER TABLE "borrowing" ADD COLUMN "collection_day" INT;
ALTER TABLE "borrowing" ADD COLUMN "collection_half" VARCHAR(12);
ALTER TABLE "borrowing" ADD COLUMN "delivery_address" VARCHAR(200);
