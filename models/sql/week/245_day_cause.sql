-- Rule: R12.4
-- Grain: one row per participant and local_date that is known differently, with the most telling of several causes.
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
