-- Rule: R16.4
-- Grain: one row per participant and content: as of when it was there first, and who reads such files.
CREATE OR REPLACE TEMP VIEW first_seen AS
SELECT f.participant_id, f.sha256, min(r.as_of) AS since, any_value(f.connector) AS connector
FROM source_file f ASOF JOIN run r ON f.first_seen_at >= r.started_at GROUP BY f.participant_id, f.sha256;
