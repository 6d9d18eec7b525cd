-- What people allow to be sent to their WeChat, and what is on its way there.
CREATE TABLE "message_consent" (
    "id" VARCHAR(16) NOT NULL PRIMARY KEY,
    "person_id" VARCHAR(16) NOT NULL,
    "template_id" VARCHAR(64) NOT NULL,
    "remaining" INT NOT NULL,
    "is_standing" INT NOT NULL,
    "last_answer" VARCHAR(8) NOT NULL,
    "answered_at" BIGINT NOT NULL
);
CREATE UNIQUE INDEX "uid_message_consent" ON "message_consent" ("person_id", "template_id");
CREATE TABLE "wechat_message" (
    "id" VARCHAR(16) NOT NULL PRIMARY KEY,
    "notice_id" VARCHAR(16) NOT NULL,
    "person_id" VARCHAR(16) NOT NULL,
    "template_id" VARCHAR(64) NOT NULL,
    "state" VARCHAR(8) NOT NULL,
    "attempts" INT NOT NULL,
    "errcode" INT,
    "created_at" BIGINT NOT NULL,
    "due_at" BIGINT NOT NULL,
    "ended_at" BIGINT
);
CREATE UNIQUE INDEX "uid_wechat_message_notice" ON "wechat_message" ("notice_id");
CREATE INDEX "idx_wechat_message_due" ON "wechat_message" ("state", "due_at");
CREATE INDEX "idx_wechat_message_person" ON "wechat_message" ("person_id");
