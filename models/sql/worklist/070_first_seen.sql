-- Rule: R16.4
-- Grain: one row per participant and content: as of when it was there first, and who reads such files. What a run found
-- that was killed counts from the one after it.
CREATE OR REPLACE TEMP VIEW first_seen AS
SELECT f.participant_id, f.sha256, min(r.as_of) AS since, any_value(f.connector) AS connector
FROM source_file f ASOF JOIN run r ON f.first_seen_at <= r.ended_at GROUP BY f.participant_id, f.sha256;
