-- Rule: R16.4
-- Grain: one row per thing not used, but readers of other packages, files of who left, and rows by which somebody is
-- held (that says so itself).
CREATE OR REPLACE TEMP VIEW not_used AS
SELECT r.participant_id, r.kind, left(r.sha256, 12) AS content, r.place, r.reason, r.what_to_do, f.since, f.connector
FROM rejection r
LEFT JOIN first_seen f ON f.participant_id = r.participant_id AND f.sha256 = r.sha256
WHERE r.kind <> 'plug_in'
    AND (r.kind <> 'rejected_file' OR r.participant_id IS NULL OR r.participant_id IN (FROM asked_person))
    AND (r.kind <> 'control_file' OR NOT EXISTS (
        FROM participant p WHERE contains(p.held_reason, regexp_replace(r.place, ', ', ' ') || ': ' || r.reason)));
