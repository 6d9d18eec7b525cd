-- Ledgers on their way to cards: imports, their rows, what they made, and what a unit has said of its words.
CREATE TABLE IF NOT EXISTS "ledger_import" (
    "id" VARCHAR(16) NOT NULL PRIMARY KEY,
    "unit_id" VARCHAR(16) NOT NULL,
    "file_id" VARCHAR(16) NOT NULL,
    "sha256" VARCHAR(64) NOT NULL,
    "file_name" VARCHAR(128) NOT NULL,
    "state" VARCHAR(16) NOT NULL,
    "created_at" BIGINT NOT NULL,
    "created_by" VARCHAR(16) NOT NULL,
    "created_by_name" VARCHAR(64) NOT NULL,
    "asked_by" TEXT NOT NULL,
    "plan" TEXT NOT NULL,
    "matches" TEXT NOT NULL,
    "refusal" TEXT,
    "counts" TEXT NOT NULL,
    "row_count" INT NOT NULL,
    "done_count" INT NOT NULL,
    "chosen" INT NOT NULL,
    "changes" INT NOT NULL,
    "finished_at" BIGINT,
    "finished_by_name" VARCHAR(64),
    "worked_until" BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS "idx_ledger_impo_unit_id_c76fbb" ON "ledger_import" ("unit_id", "id");
CREATE INDEX IF NOT EXISTS "idx_ledger_impo_state_e8362c" ON "ledger_import" ("state", "worked_until");
CREATE TABLE IF NOT EXISTS "ledger_import_card" (
    "id" VARCHAR(40) NOT NULL PRIMARY KEY,
    "row_id" VARCHAR(24) NOT NULL,
    "asset_id" VARCHAR(16) NOT NULL,
    "code" VARCHAR(48) NOT NULL,
    "version" INT NOT NULL,
    "before" TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS "ledger_import_row" (
    "id" VARCHAR(24) NOT NULL PRIMARY KEY,
    "import_id" VARCHAR(16) NOT NULL,
    "sheet" INT NOT NULL,
    "number" INT NOT NULL,
    "cells" TEXT NOT NULL,
    "verdict" VARCHAR(16) NOT NULL,
    "outcome" TEXT NOT NULL,
    "asset_id" VARCHAR(16),
    "is_chosen" INT NOT NULL,
    "fields" VARCHAR(255) NOT NULL
);
CREATE INDEX IF NOT EXISTS "idx_ledger_impo_import__7f6a85" ON "ledger_import_row" ("import_id", "verdict", "id");
CREATE TABLE IF NOT EXISTS "ledger_memory" (
    "id" VARCHAR(64) NOT NULL PRIMARY KEY,
    "unit_id" VARCHAR(16) NOT NULL,
    "kind" VARCHAR(12) NOT NULL,
    "text" VARCHAR(255) NOT NULL,
    "value" VARCHAR(64) NOT NULL
);
CREATE INDEX IF NOT EXISTS "idx_ledger_memo_unit_id_25adbc" ON "ledger_memory" ("unit_id", "kind");
