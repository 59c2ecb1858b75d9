-- Rule: R14.7, R4.6, R8.5, R11.4
-- Grain: one row per goal, infusion, week and local_date, of the verdicts that rest on what is published.
-- A view over what is published. `goals --why` judges again instead; that the two agree is tested.
CREATE VIEW verdict_evidence AS
WITH standing AS (
    -- days before a goal was in force come first in its week: those that count are the last `eligible_days` of the
    -- infusion's
    SELECT g.*, w.local_date, w.why_not, w.is_eligible,
           sum(w.is_eligible::INTEGER) OVER (PARTITION BY g.goal_id, g.infusion_id, g.week) AS window_days,
           sum(w.is_eligible::INTEGER) OVER (PARTITION BY g.goal_id, g.infusion_id, g.week
                                             ORDER BY w.local_date DESC) AS day_from_the_end
    FROM goal_week g
    JOIN infusion_window w
        ON w.participant_id = g.participant_id AND w.infusion_id = g.infusion_id AND w.week = g.week
        -- a frozen week stays where it was when its infusion is moved
        AND w.local_date = g.week_start + (w.day_number - 7 * w.week + 6)
    LEFT JOIN post_lock_difference x
        ON x.is_current AND x.goal_id = g.goal_id AND x.infusion_id = g.infusion_id AND x.week = g.week
        AND (x.status, x.reason, x.value, x.percent) IS DISTINCT FROM (g.status, g.reason, g.value, g.percent)
    WHERE NOT g.is_held AND x.goal_id IS NULL
),
reasoned AS (
    SELECT s.* EXCLUDE (why_not),
           CASE WHEN s.why_not IS NOT NULL THEN s.why_not
                WHEN s.day_from_the_end > s.eligible_days THEN 'goal_not_in_force'
                WHEN s.local_date >= s.as_of THEN 'not_over' END AS why_not
    FROM standing s
    WHERE s.window_days = s.eligible_days
        OR (s.window_days > s.eligible_days AND contains(coalesce(s.truncated_by, ''), 'goal_not_in_force'))
),
seen AS (
    SELECT r.*, d.day_state,
           CASE r.metric
               WHEN 'steps' THEN d.steps WHEN 'walking_minutes' THEN d.walking_minutes
               WHEN 'brisk_minutes' THEN d.brisk_minutes WHEN 'moderate_minutes' THEN d.moderate_minutes
               WHEN 'vigorous_minutes' THEN d.vigorous_minutes WHEN 'mvpa_minutes' THEN d.mvpa_minutes
               WHEN 'mvpa_equivalent_minutes' THEN d.mvpa_equivalent_minutes
               WHEN 'exercise_minutes' THEN d.exercise_minutes WHEN 'movement_minutes' THEN d.movement_minutes
               WHEN 'workout_minutes' THEN d.workout_minutes WHEN 'strength_minutes' THEN d.strength_minutes
               WHEN 'yoga_minutes' THEN d.yoga_minutes WHEN 'dance_minutes' THEN d.dance_minutes
               WHEN 'massage_minutes' THEN d.massage_minutes END::DECIMAL(18, 3) AS figure,
           r.metric IN ('workout_minutes', 'strength_minutes', 'yoga_minutes', 'dance_minutes', 'massage_minutes')
               AS is_logged_metric
    FROM reasoned r
    LEFT JOIN daily_activity d ON d.participant_id = r.participant_id AND d.local_date = r.local_date
)
SELECT goal_id, infusion_id, week, participant_id, local_date,
       CASE WHEN why_not IS NOT NULL THEN NULL
            WHEN is_logged_metric AND valid_days > 0 THEN coalesce(figure, 0)
            WHEN is_logged_metric OR day_state IN ('valid', 'insufficient_wear') THEN figure END AS value,
       per_day AS threshold, coalesce(day_state, 'no_data') AS day_state, why_not IS NULL AS counts, why_not
FROM seen;

COMMENT ON VIEW verdict_evidence IS 'The days that each current verdict rests on, as goals --why has them. Left out are verdicts that do not rest on the days published here: of goals and people that are held, and frozen ones that what came later would change (post_lock_difference). A view: made of the relations here when it is asked. One row per goal_id, infusion_id, week, local_date.';
COMMENT ON COLUMN verdict_evidence.goal_id IS 'Goal, as in goals.csv.';
COMMENT ON COLUMN verdict_evidence.infusion_id IS 'Infusion, as in infusions.csv.';
COMMENT ON COLUMN verdict_evidence.week IS 'Post-infusion week, as in goal_week.';
COMMENT ON COLUMN verdict_evidence.participant_id IS 'Participant, as in participants.csv.';
COMMENT ON COLUMN verdict_evidence.local_date IS 'Civil date.';
COMMENT ON COLUMN verdict_evidence.value IS 'What the day gives to the goal, in steps or minutes of its metric; a lower bound on a day of insufficient_wear. NULL: it does not count, or not known.';
COMMENT ON COLUMN verdict_evidence.threshold IS 'What a day needs, in steps or minutes, where the goal counts days. NULL: it does not, or there is none yet.';
COMMENT ON COLUMN verdict_evidence.day_state IS 'State of the day, as in daily_activity; no_data also before the first file and after the last.';
COMMENT ON COLUMN verdict_evidence.counts IS 'The day is over and counts for this goal.';
COMMENT ON COLUMN verdict_evidence.why_not IS 'Why it does not count: as in infusion_window; goal_not_in_force (the goal began later); not_over. NULL: it counts.';
