-- Rule: R16.4
-- Grain: one row per participant who has had another source first in the last 7 days than in the 21 before.
CREATE OR REPLACE TEMP VIEW another_device AS
WITH counted AS (
    SELECT participant_id, primary_source AS source, local_date >= s.as_of - 7 AS is_recent, count(*) AS n
    FROM daily_activity SEMI JOIN asked_person USING (participant_id) CROSS JOIN study s
    WHERE primary_source IS NOT NULL AND local_date BETWEEN s.as_of - 28 AND s.as_of GROUP BY ALL),
most AS (
    SELECT participant_id, max({'n': n, 'source': source}) FILTER (is_recent).source AS source,
           max({'n': n, 'source': source}) FILTER (NOT is_recent).source AS before
    FROM counted GROUP BY participant_id)
SELECT m.participant_id, m.source, m.before, max(d.local_date) + 1 AS since
FROM most m JOIN daily_activity d ON d.participant_id = m.participant_id AND d.primary_source = m.before
CROSS JOIN study s
WHERE m.source <> m.before AND d.local_date < s.as_of
GROUP BY ALL;
