-- Rule: R16.4
-- Grain: one row per thing not used, but readers of other packages, and rows by which somebody is held (they say so).
CREATE OR REPLACE TEMP VIEW not_used AS
SELECT r.participant_id, r.kind, left(r.sha256, 12) AS content, r.place, r.reason, r.what_to_do, f.since
FROM rejection r
LEFT JOIN first_seen f ON f.participant_id = r.participant_id AND f.sha256 = r.sha256
WHERE r.kind <> 'plug_in' AND NOT (r.kind = 'control_file' AND EXISTS (
    FROM participant p WHERE contains(p.held_reason, r.place || ': ' || r.reason)));
