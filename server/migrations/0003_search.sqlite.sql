-- The search index: documents, and their tokens in FTS5 (kept in step by the code that writes the documents).
CREATE TABLE IF NOT EXISTS search_document (
    number INTEGER PRIMARY KEY,
    kind VARCHAR(12) NOT NULL,
    id VARCHAR(16) NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (kind, id)
);
-- Which row holds a token is all that is asked: no positions, no lengths.
CREATE VIRTUAL TABLE IF NOT EXISTS search_token USING fts5(tokens, detail='none', columnsize=0);
