-- What was sent back to somebody is counted on every page.
CREATE INDEX "idx_approval_chain_applicant" ON "approval_chain" ("applicant_id", "state");
