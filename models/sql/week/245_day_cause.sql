-- Why days are known differently since the last judging, the most telling of several causes:
--   file_moved           a file turned out to be another person's
--   file_unloaded        a file was withdrawn by hand
--   corrected_data       an export told again what an older one had told
--   zone_changed         the dates were cut by other time zones
--   participant_changed  another device is believed first
--   code_changed         a file was decoded again
--   late_data            a file that came later
-- GRAIN: one row per participant and local_date.
CREATE OR REPLACE TEMP TABLE day_cause AS
SELECT
    u.participant_id,
    u.local_date,
    min(r.rank) AS rank,
    arg_min(r.cause, r.rank) AS cause
FROM unjudged_day AS u
INNER JOIN (
    VALUES
    (1, 'file_moved'), (2, 'file_unloaded'), (3, 'corrected_data'), (4, 'zone_changed'), (5, 'participant_changed'),
    (6, 'code_changed'), (7, 'late_data')
) AS r (rank, cause) ON coalesce(u.cause, 'late_data') = r.cause
GROUP BY u.participant_id, u.local_date;
