CREATE TABLE IF NOT EXISTS "basket_item" (
    "id" VARCHAR(16) NOT NULL PRIMARY KEY,
    "person_id" VARCHAR(16) NOT NULL,
    "unit_id" VARCHAR(16) NOT NULL,
    "asset_id" VARCHAR(16) NOT NULL,
    "quantity" INT,
    "added_at" BIGINT NOT NULL,
    CONSTRAINT "uid_basket_item_person__a50b23" UNIQUE ("person_id", "unit_id", "asset_id")
);
CREATE TABLE IF NOT EXISTS "borrowing_handover" (
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
CREATE INDEX IF NOT EXISTS "idx_borrowing_h_borrowi_100ccc" ON "borrowing_handover" ("borrowing_id");
CREATE TABLE IF NOT EXISTS "borrowing_renewal" (
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
CREATE INDEX IF NOT EXISTS "idx_borrowing_r_borrowi_c58468" ON "borrowing_renewal" ("borrowing_id");
CREATE TABLE IF NOT EXISTS "occasion" (
    "id" VARCHAR(16) NOT NULL PRIMARY KEY,
    "name" VARCHAR(100) NOT NULL,
    "lead_unit_id" VARCHAR(16) NOT NULL,
    "lead_unit_name" VARCHAR(128) NOT NULL,
    "lead_unit_path" VARCHAR(255) NOT NULL,
    "responsible_id" VARCHAR(16) NOT NULL,
    "responsible_name" VARCHAR(64) NOT NULL,
    "starts_on" INT NOT NULL,
    "ends_on" INT NOT NULL,
    "state" VARCHAR(8) NOT NULL,
    "created_at" BIGINT NOT NULL,
    "closed_at" BIGINT,
    "version" INT NOT NULL
);
CREATE INDEX IF NOT EXISTS "idx_occasion_respons_c88056" ON "occasion" ("responsible_id");
CREATE INDEX IF NOT EXISTS "idx_occasion_lead_un_72ad8b" ON "occasion" ("lead_unit_path", "id");
CREATE INDEX IF NOT EXISTS "idx_occasion_state_0af26b" ON "occasion" ("state", "ends_on");
CREATE TABLE IF NOT EXISTS "occasion_reminder" (
    "id" VARCHAR(16) NOT NULL PRIMARY KEY,
    "occasion_id" VARCHAR(16) NOT NULL,
    "ends_on" INT NOT NULL,
    "days" INT NOT NULL,
    "at" BIGINT NOT NULL,
    CONSTRAINT "uid_occasion_re_occasio_8c971d" UNIQUE ("occasion_id", "ends_on", "days")
);
CREATE TABLE IF NOT EXISTS "occasion_step" (
    "id" VARCHAR(16) NOT NULL PRIMARY KEY,
    "occasion_id" VARCHAR(16) NOT NULL,
    "kind" VARCHAR(16) NOT NULL,
    "at" BIGINT NOT NULL,
    "actor_id" VARCHAR(16),
    "actor_name" VARCHAR(64) NOT NULL,
    "note" VARCHAR(500) NOT NULL
);
CREATE INDEX IF NOT EXISTS "idx_occasion_st_occasio_062d63" ON "occasion_step" ("occasion_id");
-- What a borrowing is for, where that has an end of its own.
ALTER TABLE "borrowing" ADD COLUMN "occasion_id" VARCHAR(16);
ALTER TABLE "borrowing" ADD COLUMN "for_unit_id" VARCHAR(16);
CREATE INDEX "idx_borrowing_occasion" ON "borrowing" ("occasion_id");
CREATE INDEX "idx_borrowing_for_unit" ON "borrowing" ("for_unit_id");
