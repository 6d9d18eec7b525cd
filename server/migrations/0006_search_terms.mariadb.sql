-- What documents are found by: texts in their roles, kept once for all documents that share them. The tokens are
-- hexadecimal words and sounds, so no server option matters.
CREATE TABLE IF NOT EXISTS search_term (
    id BIGINT NOT NULL PRIMARY KEY,
    kind VARCHAR(12) NOT NULL,
    role INT NOT NULL,
    length INT NOT NULL,
    text VARCHAR(255) NOT NULL,
    syllables VARCHAR(320) NOT NULL,
    tokens TEXT CHARACTER SET ascii COLLATE ascii_nopad_bin NOT NULL,
    FULLTEXT KEY search_term_tokens (tokens)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
-- Which documents hold a term, newest last; and the terms of a document.
CREATE TABLE IF NOT EXISTS search_posting (
    term BIGINT NOT NULL,
    document VARCHAR(16) NOT NULL,
    PRIMARY KEY (term, document),
    KEY search_posting_document (document, term)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
