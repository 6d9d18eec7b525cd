-- What somebody means to apply for together.
CREATE TABLE "basket_item" (
    "id" VARCHAR(16) NOT NULL PRIMARY KEY,
    "person_id" VARCHAR(16) NOT NULL,
    "unit_id" VARCHAR(16) NOT NULL,
    "asset_id" VARCHAR(16) NOT NULL,
    "quantity" INT,
    "added_at" BIGINT NOT NULL,
    CONSTRAINT "uid_basket_item" UNIQUE ("person_id", "unit_id", "asset_id")
);
