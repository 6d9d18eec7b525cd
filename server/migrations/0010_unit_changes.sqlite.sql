-- Units that are renamed, moved, merged, split and closed: proposals, and afterwards the record of who followed whom.
CREATE TABLE IF NOT EXISTS "unit_change" (
    "id" VARCHAR(16) NOT NULL PRIMARY KEY,
    "kind" VARCHAR(16) NOT NULL,
    "state" VARCHAR(16) NOT NULL,
    "from_unit_id" VARCHAR(16) NOT NULL,
    "from_unit_name" VARCHAR(128) NOT NULL,
    "from_path" VARCHAR(255) NOT NULL,
    "to_unit_id" VARCHAR(16) NOT NULL,
    "to_unit_name" VARCHAR(128) NOT NULL,
    "to_path" VARCHAR(255) NOT NULL,
    "people" TEXT NOT NULL,
    "places" TEXT NOT NULL,
    "document_no" VARCHAR(64) NOT NULL,
    "effective_on" INT NOT NULL,
    "reason" VARCHAR(200) NOT NULL,
    "moved" TEXT NOT NULL,
    "proposed_by" VARCHAR(16),
    "proposed_by_name" VARCHAR(64) NOT NULL,
    "proposed_at" BIGINT NOT NULL,
    "decided_by" VARCHAR(16),
    "decided_by_name" VARCHAR(64) NOT NULL,
    "decided_at" BIGINT,
    "decision_note" VARCHAR(200) NOT NULL
);
CREATE INDEX IF NOT EXISTS "idx_unit_change_from" ON "unit_change" ("from_unit_id");
CREATE INDEX IF NOT EXISTS "idx_unit_change_to" ON "unit_change" ("to_unit_id");
CREATE INDEX IF NOT EXISTS "idx_unit_change_state" ON "unit_change" ("state", "id");
