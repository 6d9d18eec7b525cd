CREATE TABLE IF NOT EXISTS "idle_proof" (
    "id" VARCHAR(16) NOT NULL PRIMARY KEY,
    "number" VARCHAR(48) NOT NULL,
    "need_id" VARCHAR(16) NOT NULL,
    "search_id" VARCHAR(16) NOT NULL UNIQUE,
    "unit_id" VARCHAR(16) NOT NULL,
    "unit_name" VARCHAR(128) NOT NULL,
    "issued_by" VARCHAR(16) NOT NULL,
    "issued_by_name" VARCHAR(64) NOT NULL,
    "issued_at" BIGINT NOT NULL,
    "valid_until" INT NOT NULL,
    "document" TEXT NOT NULL,
    "hash" VARCHAR(64) NOT NULL,
    CONSTRAINT "uid_idle_proof_unit_id_4fff44" UNIQUE ("unit_id", "number")
);
CREATE INDEX IF NOT EXISTS "idx_idle_proof_need_id_8d320e" ON "idle_proof" ("need_id");
CREATE TABLE IF NOT EXISTS "idle_search" (
    "id" VARCHAR(16) NOT NULL PRIMARY KEY,
    "need_id" VARCHAR(16) NOT NULL,
    "searched_by" VARCHAR(16) NOT NULL,
    "searched_by_name" VARCHAR(64) NOT NULL,
    "searched_at" BIGINT NOT NULL,
    "query" TEXT NOT NULL,
    "hits" TEXT NOT NULL,
    "hit_count" INT NOT NULL,
    "is_cut" INT NOT NULL
);
CREATE INDEX IF NOT EXISTS "idx_idle_search_need_id_25a7fb" ON "idle_search" ("need_id", "id");
CREATE TABLE IF NOT EXISTS "purchase_need" (
    "id" VARCHAR(16) NOT NULL PRIMARY KEY,
    "number" VARCHAR(48),
    "applicant_id" VARCHAR(16) NOT NULL,
    "applicant_name" VARCHAR(64) NOT NULL,
    "unit_id" VARCHAR(16) NOT NULL,
    "unit_name" VARCHAR(128) NOT NULL,
    "unit_path" VARCHAR(255) NOT NULL,
    "category_code" VARCHAR(12) NOT NULL,
    "category_name" VARCHAR(128) NOT NULL,
    "item" VARCHAR(64) NOT NULL,
    "quantity" INT NOT NULL,
    "specification" VARCHAR(500) NOT NULL,
    "purpose" VARCHAR(500) NOT NULL,
    "budget_fen" BIGINT NOT NULL,
    "needed_by" INT NOT NULL,
    "is_emergency" INT NOT NULL,
    "emergency_reason" VARCHAR(500) NOT NULL,
    "state" VARCHAR(16) NOT NULL,
    "exemption" VARCHAR(24),
    "proof_id" VARCHAR(16),
    "policy_version_id" VARCHAR(16),
    "created_at" BIGINT NOT NULL,
    "submitted_at" BIGINT,
    "ended_at" BIGINT,
    "end_note" VARCHAR(500),
    "version" INT NOT NULL
);
CREATE INDEX IF NOT EXISTS "idx_purchase_ne_applica_f4185d" ON "purchase_need" ("applicant_id", "id");
CREATE INDEX IF NOT EXISTS "idx_purchase_ne_unit_pa_764478" ON "purchase_need" ("unit_path", "id");
