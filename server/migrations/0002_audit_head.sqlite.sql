-- The audit chain's end: one row from the start, so that two first sealers cannot each make one.
INSERT OR IGNORE INTO audit_head (name, count, hash) VALUES ('audit', 0, '0000000000000000000000000000000000000000000000000000000000000000');
