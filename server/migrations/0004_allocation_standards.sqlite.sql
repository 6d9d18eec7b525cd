CREATE TABLE IF NOT EXISTS "allocation_item" (
    "id" VARCHAR(16) NOT NULL PRIMARY KEY,
    "standard_id" VARCHAR(16) NOT NULL,
    "position" INT NOT NULL,
    "family" VARCHAR(16) NOT NULL,
    "item" VARCHAR(64) NOT NULL,
    "category_code" VARCHAR(12),
    "price_ceiling_fen" BIGINT NOT NULL,
    "measure" VARCHAR(16) NOT NULL,
    "min_years" INT NOT NULL,
    "quantity_rule" VARCHAR(255) NOT NULL,
    "evidence" VARCHAR(16) NOT NULL
);
CREATE INDEX IF NOT EXISTS "idx_allocation__standar_f482e1" ON "allocation_item" ("standard_id", "position");
CREATE TABLE IF NOT EXISTS "allocation_standard" (
    "id" VARCHAR(16) NOT NULL PRIMARY KEY,
    "region_code" VARCHAR(12) NOT NULL,
    "version" INT NOT NULL,
    "effective_on" INT NOT NULL,
    "source" VARCHAR(128) NOT NULL,
    "reason" VARCHAR(500) NOT NULL,
    "item_count" INT NOT NULL,
    "digest" VARCHAR(64) NOT NULL,
    "created_by" VARCHAR(16),
    "created_by_name" VARCHAR(64) NOT NULL,
    "created_at" BIGINT NOT NULL,
    CONSTRAINT "uid_allocation__region__f73105" UNIQUE ("region_code", "version")
);
CREATE TABLE IF NOT EXISTS "unit_headcount" (
    "id" VARCHAR(16) NOT NULL PRIMARY KEY,
    "unit_id" VARCHAR(16) NOT NULL,
    "authorised" INT NOT NULL,
    "staffed" INT NOT NULL,
    "is_confidential" INT NOT NULL,
    "as_of" INT NOT NULL,
    "basis" VARCHAR(128) NOT NULL,
    "recorded_by" VARCHAR(16),
    "recorded_by_name" VARCHAR(64) NOT NULL,
    "recorded_at" BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS "idx_unit_headco_unit_id_4e9635" ON "unit_headcount" ("unit_id", "as_of", "id");
