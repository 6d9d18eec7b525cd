-- The search index: documents with their tokens under FULLTEXT (hexadecimal words, so no server option matters).
CREATE TABLE IF NOT EXISTS search_document (
    kind VARCHAR(12) NOT NULL,
    id VARCHAR(16) NOT NULL,
    body TEXT NOT NULL,
    tokens TEXT CHARACTER SET ascii COLLATE ascii_nopad_bin NOT NULL,
    PRIMARY KEY (kind, id),
    FULLTEXT KEY search_document_tokens (tokens)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
