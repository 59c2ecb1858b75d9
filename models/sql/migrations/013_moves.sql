-- What a coordinator took out of the count (`stepwindow unload`), by its content: it stays out, also when the store is
-- made anew.
CREATE TABLE unloaded (participant_id TEXT, sha256 TEXT, unloaded_at TIMESTAMP);
-- Of a store that is being made anew: what the one before had loaded, until the inbox has been read.
CREATE TABLE loaded_before (
    participant_id TEXT, sha256 TEXT, first_seen_at TIMESTAMP, loaded_at TIMESTAMP, covers_from DATE, covers_to DATE
);
-- What is wrong with the study as a whole, as of the last run: `status` shows it first.
ALTER TABLE rejection ADD COLUMN is_alarm BOOLEAN;
-- A diary that was edited in place: `withdrawn` says that its rows are out (models/store/ledger.py).
UPDATE source_file SET status = 'withdrawn', covers_from = NULL, covers_to = NULL, rows = 0
WHERE status = 'ignored' AND loaded_at IS NOT NULL;
