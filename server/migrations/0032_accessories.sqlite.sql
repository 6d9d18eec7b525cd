CREATE TABLE IF NOT EXISTS "asset_accessory" (
    "id" VARCHAR(16) NOT NULL PRIMARY KEY,
    "asset_id" VARCHAR(16) NOT NULL,
    "position" INT NOT NULL,
    "name" VARCHAR(40) NOT NULL,
    "pieces" INT NOT NULL,
    CONSTRAINT "uid_asset_acces_asset_i_652db7" UNIQUE ("asset_id", "name")
);
CREATE TABLE IF NOT EXISTS "line_accessory" (
    "id" VARCHAR(16) NOT NULL PRIMARY KEY,
    "borrowing_id" VARCHAR(16) NOT NULL,
    "line_id" VARCHAR(16) NOT NULL,
    "position" INT NOT NULL,
    "name" VARCHAR(40) NOT NULL,
    "pieces" INT NOT NULL,
    "issued" INT NOT NULL,
    "returned" INT,
    CONSTRAINT "uid_line_access_line_id_5dc953" UNIQUE ("line_id", "name")
);
CREATE INDEX IF NOT EXISTS "idx_line_access_borrowi_d56b40" ON "line_accessory" ("borrowing_id");
