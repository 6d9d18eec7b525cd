-- Renewals of borrowings, one to decide at a time.
CREATE TABLE "borrowing_renewal" (
    "id" VARCHAR(16) NOT NULL PRIMARY KEY,
    "borrowing_id" VARCHAR(16) NOT NULL,
    "open_key" VARCHAR(16) UNIQUE,
    "ordinal" INT NOT NULL,
    "from_day" INT NOT NULL,
    "to_day" INT NOT NULL,
    "reason" VARCHAR(500) NOT NULL,
    "state" VARCHAR(16) NOT NULL,
    "applicant_id" VARCHAR(16) NOT NULL,
    "applicant_name" VARCHAR(64) NOT NULL,
    "submitted_at" BIGINT NOT NULL,
    "decided_at" BIGINT
);
CREATE INDEX "idx_borrowing_renewal_borrowing" ON "borrowing_renewal" ("borrowing_id");
