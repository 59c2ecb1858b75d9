-- Rule: R14.6, R8.1, R8.5, R8.8
-- Grain: one row per participant and local_date, from 14 days before the first infusion to as_of or left_on.
-- A view over what is published: no row is stored, and what holds for those rows holds for these.
CREATE VIEW person_day AS
WITH given AS (
    SELECT participant_id, infusion_id, infused_on FROM infusion WHERE status IN ('completed', 'stopped_early')
),
first_given AS (
    SELECT participant_id, min(infused_on) AS first_on, arg_min(infusion_id, infused_on) AS first_id
    FROM given GROUP BY participant_id
),
known AS (
    SELECT participant_id, min(local_date) AS first_day, max(local_date) AS last_day
    FROM daily_activity GROUP BY participant_id
),
span AS (
    -- days of whose goals alone are held ('goal G1: ...') are published all the same
    SELECT p.participant_id, p.held_at IS NOT NULL AND NOT starts_with(p.held_reason, 'goal ') AS is_held,
           k.last_day, f.first_on, f.first_id, s.as_of, coalesce(f.first_on - 14, k.first_day) AS begins,
           least(s.as_of, coalesce(p.left_on, s.as_of)) AS ends
    FROM participant p
    LEFT JOIN first_given f ON f.participant_id = p.participant_id
    LEFT JOIN known k ON k.participant_id = p.participant_id
    CROSS JOIN study s  -- last: DuckDB 1 writes a comma for it, and a join after a comma is another join
),
dated AS (
    SELECT *, begins + unnest(range(CAST(ends - begins AS BIGINT) + 1))::INTEGER AS local_date
    FROM span WHERE begins <= ends
),
placed AS (
    SELECT d.*, coalesce(g.infusion_id, d.first_id) AS infusion_id,
           CAST(d.local_date - coalesce(g.infused_on, d.first_on) AS INTEGER) AS day_number
    FROM dated d
    ASOF LEFT JOIN given g ON g.participant_id = d.participant_id AND d.local_date >= g.infused_on
),
reasoned AS (
    SELECT p.*, w.week, w.local_date IS NOT NULL AS is_followed,
           CASE WHEN p.infusion_id IS NULL THEN 'no_infusion'
                WHEN p.day_number < 0 THEN 'before_infusion'
                WHEN p.day_number = 0 THEN 'day_0'
                WHEN w.local_date IS NULL THEN 'not_followed'
                WHEN w.why_not IS NOT NULL THEN w.why_not
                WHEN p.local_date >= p.as_of THEN 'not_over' END AS why_not
    FROM placed p
    LEFT JOIN infusion_window w
        ON w.participant_id = p.participant_id AND w.infusion_id = p.infusion_id AND w.local_date = p.local_date
)
SELECT r.participant_id, r.local_date, r.infusion_id, r.day_number, r.week,
       CASE WHEN r.day_number < 0 THEN 'before' WHEN r.day_number = 0 THEN 'infusion_day'
            WHEN r.is_followed THEN 'window' WHEN r.day_number > 0 THEN 'after' END AS phase,
       r.why_not IS NULL AS counts, r.why_not,
       CASE WHEN d.day_state IS NOT NULL THEN d.day_state
            WHEN NOT r.is_held OR r.local_date <= r.last_day THEN 'no_data' END AS day_state,
       d.steps, d.walking_minutes, d.brisk_minutes, d.moderate_minutes, d.vigorous_minutes, d.mvpa_minutes,
       d.mvpa_equivalent_minutes, d.exercise_minutes, d.movement_minutes, d.workout_minutes, d.strength_minutes,
       d.yoga_minutes, d.dance_minutes, d.massage_minutes, d.primary_source
FROM reasoned r
LEFT JOIN daily_activity d ON d.participant_id = r.participant_id AND d.local_date = r.local_date;

COMMENT ON VIEW person_day IS 'Every person on every date from 14 days before the first infusion to as_of of study (to left_on of who left), whatever came: an inner join drops nobody who went quiet. Who had no infusion: from the first day with data on. Under overlapping a date lies in the weeks of several infusions: here it is the last one''s alone, infusion_window has all. A view: made of the relations here when it is asked. One row per participant_id, local_date.';
COMMENT ON COLUMN person_day.participant_id IS 'Participant, as in participants.csv.';
COMMENT ON COLUMN person_day.local_date IS 'Civil date.';
COMMENT ON COLUMN person_day.infusion_id IS 'The last infusion that happened up to this date; before the first one, that. NULL: none happened.';
COMMENT ON COLUMN person_day.day_number IS 'Days after that infusion; 0 is its own date, -14 to -1 come before the first. NULL: none happened.';
COMMENT ON COLUMN person_day.week IS 'Post-infusion week. NULL: in no week that is followed.';
COMMENT ON COLUMN person_day.phase IS 'before (the first infusion), infusion_day, window (in the weeks that are followed), after (later than those, or the infusion has none: under course only the last of a course has). NULL: none happened.';
COMMENT ON COLUMN person_day.counts IS 'The day is over and counts for this infusion (goals may begin later).';
COMMENT ON COLUMN person_day.why_not IS 'Why it does not count: day_0, next_infusion, infusion_day, left, hold, date_skipped as in infusion_window; no_infusion, before_infusion, not_followed (after the weeks); not_over (as_of itself). NULL: it counts.';
COMMENT ON COLUMN person_day.day_state IS 'As in daily_activity; no_data also before the first file and after the last. NULL: not known, for the person is held and the day was not published (participant.held_reason).';
COMMENT ON COLUMN person_day.steps IS 'Steps, as in daily_activity. NULL: not known.';
COMMENT ON COLUMN person_day.primary_source IS 'The source believed first that day. NULL: none, or sessions at the clinic alone (attendance).';
COMMENT ON COLUMN person_day.walking_minutes IS 'Minutes, as in daily_activity. NULL: not known.';
COMMENT ON COLUMN person_day.brisk_minutes IS 'Minutes, as in daily_activity. NULL: not known.';
COMMENT ON COLUMN person_day.moderate_minutes IS 'Minutes, as in daily_activity. NULL: not known.';
COMMENT ON COLUMN person_day.vigorous_minutes IS 'Minutes, as in daily_activity. NULL: not known.';
COMMENT ON COLUMN person_day.mvpa_minutes IS 'Minutes, as in daily_activity. NULL: not known.';
COMMENT ON COLUMN person_day.mvpa_equivalent_minutes IS 'Minutes, as in daily_activity. NULL: not known.';
COMMENT ON COLUMN person_day.exercise_minutes IS 'Minutes, as in daily_activity. NULL: not known.';
COMMENT ON COLUMN person_day.movement_minutes IS 'Minutes, as in daily_activity. NULL: not known.';
COMMENT ON COLUMN person_day.workout_minutes IS 'Minutes, as in daily_activity. NULL: none logged that day, which is not 0.';
COMMENT ON COLUMN person_day.strength_minutes IS 'Minutes, as in daily_activity. NULL: none logged that day, which is not 0.';
COMMENT ON COLUMN person_day.yoga_minutes IS 'Minutes, as in daily_activity. NULL: none logged that day, which is not 0.';
COMMENT ON COLUMN person_day.dance_minutes IS 'Minutes, as in daily_activity. NULL: none logged that day, which is not 0.';
COMMENT ON COLUMN person_day.massage_minutes IS 'Minutes, as in daily_activity. NULL: none logged that day, which is not 0.';
