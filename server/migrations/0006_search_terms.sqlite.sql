-- What documents are found by: texts in their roles, kept once for all documents that share them.
CREATE TABLE IF NOT EXISTS search_term (
    id INTEGER PRIMARY KEY,
    kind VARCHAR(12) NOT NULL,
    role INT NOT NULL,
    length INT NOT NULL,
    text VARCHAR(255) NOT NULL,
    syllables VARCHAR(320) NOT NULL
);
-- Which row holds a token is all that is asked: no positions, no lengths.
CREATE VIRTUAL TABLE IF NOT EXISTS search_term_token USING fts5(tokens, detail='none', columnsize=0);
-- Which documents hold a term, newest last; and the terms of a document.
CREATE TABLE IF NOT EXISTS search_posting (
    term INTEGER NOT NULL,
    document VARCHAR(16) NOT NULL,
    PRIMARY KEY (term, document)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS search_posting_document ON search_posting (document, term);
