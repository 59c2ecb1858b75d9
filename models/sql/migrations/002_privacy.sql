-- Withdrawals, the audit, and the keys of copies that are to fit together.
CREATE TABLE forgotten (                 -- tombstones, as in forgotten.txt beside the store: no id, no other trace
    salt TEXT, digest TEXT, forgotten_at TIMESTAMP
);
CREATE TABLE audit (                     -- append-only: no statement of this product changes or deletes a row
    audit_id TEXT, happened_at TIMESTAMP,
    actor TEXT,                          -- the operating system's user; not published
    command TEXT, what TEXT,             -- which kind of thing, in words that name nobody
    people INTEGER, files INTEGER, rows BIGINT, code_version TEXT, run_id TEXT
);
CREATE TABLE share_key (                 -- only where `share --same-keys` was asked for
    participant_id TEXT, kind TEXT, name TEXT, share_key TEXT
);
