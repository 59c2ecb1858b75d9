-- Grain: participant x local_date, without a gap from the first day with data to the last.
CREATE TABLE out.daily_activity AS
SELECT d.participant_id, d.local_date, d.day_state, d.is_partial, d.steps,
       round(d.walking_ms::DECIMAL(18, 3) / 60000, 3)::DECIMAL(9, 3) AS walking_minutes, d.walking_method,
       round(d.brisk_ms::DECIMAL(18, 3) / 60000, 3)::DECIMAL(9, 3) AS brisk_minutes,
       round(d.moderate_ms::DECIMAL(18, 3) / 60000, 3)::DECIMAL(9, 3) AS moderate_minutes,
       round(d.vigorous_ms::DECIMAL(18, 3) / 60000, 3)::DECIMAL(9, 3) AS vigorous_minutes,
       round(d.mvpa_ms::DECIMAL(18, 3) / 60000, 3)::DECIMAL(9, 3) AS mvpa_minutes,
       round(d.mvpa_equivalent_ms::DECIMAL(18, 3) / 60000, 3)::DECIMAL(9, 3) AS mvpa_equivalent_minutes, d.intensity_method,
       round(d.exercise_ms::DECIMAL(18, 3) / 60000, 3)::DECIMAL(9, 3) AS exercise_minutes, d.exercise_method,
       round(d.workout_ms::DECIMAL(18, 3) / 60000, 3)::DECIMAL(9, 3) AS workout_minutes,
       round(d.strength_ms::DECIMAL(18, 3) / 60000, 3)::DECIMAL(9, 3) AS strength_minutes,
       round(d.yoga_ms::DECIMAL(18, 3) / 60000, 3)::DECIMAL(9, 3) AS yoga_minutes,
       round(d.dance_ms::DECIMAL(18, 3) / 60000, 3)::DECIMAL(9, 3) AS dance_minutes,
       round(d.movement_ms::DECIMAL(18, 3) / 60000, 3)::DECIMAL(9, 3) AS movement_minutes,
       round(d.massage_ms::DECIMAL(18, 3) / 60000, 3)::DECIMAL(9, 3) AS massage_minutes,
       round(d.wear_ms::DECIMAL(18, 3) / 60000, 3)::DECIMAL(9, 3) AS wear_minutes, d.wear_method,
       (d.day_ms // 60000)::INTEGER AS day_minutes, d.primary_source, d.sources, d.flags
FROM day d SEMI JOIN participant USING (participant_id)
ORDER BY d.participant_id, d.local_date;

COMMENT ON TABLE out.daily_activity IS 'One row per participant and local date, gaps inside the span as no_data. NULL is not known, 0 is known to be none. Devices are never added.';
COMMENT ON COLUMN out.daily_activity.participant_id IS 'Participant, as in participants.csv.';
COMMENT ON COLUMN out.daily_activity.local_date IS 'Civil date where the person was.';
COMMENT ON COLUMN out.daily_activity.day_state IS 'valid: worn at least 600 minutes (or a complete daily count of at least 1,000 steps where wear cannot be known). insufficient_wear: something was seen, less than that: a lower bound. implausible: over 45,000 steps. no_data: nothing.';
COMMENT ON COLUMN out.daily_activity.is_partial IS 'The data of the primary source do not reach over the whole date.';
COMMENT ON COLUMN out.daily_activity.steps IS 'Steps, one source per minute. NULL: not known.';
COMMENT ON COLUMN out.daily_activity.walking_minutes IS 'Minutes of walking: at 60 steps a minute or more, or in recorded walks, each once. NULL: not known.';
COMMENT ON COLUMN out.daily_activity.walking_method IS 'device: the vendor''s own walking time; cadence: from minutes; session: recorded walks only; none: not known.';
COMMENT ON COLUMN out.daily_activity.brisk_minutes IS 'Minutes at 100 steps a minute or more. NULL: no minute data.';
COMMENT ON COLUMN out.daily_activity.moderate_minutes IS 'Clock minutes of moderate intensity, never weighted. NULL: the source does not tell.';
COMMENT ON COLUMN out.daily_activity.vigorous_minutes IS 'Clock minutes of vigorous intensity, never weighted. NULL: the source does not tell.';
COMMENT ON COLUMN out.daily_activity.mvpa_minutes IS 'Moderate plus vigorous minutes, or the vendor''s one figure. NULL: not told.';
COMMENT ON COLUMN out.daily_activity.mvpa_equivalent_minutes IS 'Moderate plus twice vigorous minutes. NULL: no split known.';
COMMENT ON COLUMN out.daily_activity.intensity_method IS 'device, cadence or none: where the intensity is from.';
COMMENT ON COLUMN out.daily_activity.exercise_minutes IS 'Clock minutes that are MVPA or inside a recorded workout, each once; the larger of the two where only totals exist (flags).';
COMMENT ON COLUMN out.daily_activity.exercise_method IS 'device, cadence, session or none.';
COMMENT ON COLUMN out.daily_activity.workout_minutes IS 'Timer minutes of workouts recorded or written down. NULL: none logged that day.';
COMMENT ON COLUMN out.daily_activity.strength_minutes IS 'Timer minutes of strength training. NULL: none logged that day.';
COMMENT ON COLUMN out.daily_activity.yoga_minutes IS 'Timer minutes of yoga. NULL: none logged that day.';
COMMENT ON COLUMN out.daily_activity.dance_minutes IS 'Timer minutes of dance. NULL: none logged that day.';
COMMENT ON COLUMN out.daily_activity.movement_minutes IS 'Minutes of walking, exercise, yoga or dance, each once. Massage is not in it. NULL: not known.';
COMMENT ON COLUMN out.daily_activity.massage_minutes IS 'Minutes of massage, from the diary. Never movement. NULL: none logged that day.';
COMMENT ON COLUMN out.daily_activity.wear_minutes IS 'Minutes a device was on the body. NULL: cannot be known.';
COMMENT ON COLUMN out.daily_activity.wear_method IS 'hr: heart rate present; steps: from runs of minutes without steps; none: only a count exists.';
COMMENT ON COLUMN out.daily_activity.day_minutes IS 'Minutes of this local date: 1380, 1440 or 1500, others when travelling, 0 for a date that was skipped.';
COMMENT ON COLUMN out.daily_activity.primary_source IS 'The source believed first that day.';
COMMENT ON COLUMN out.daily_activity.sources IS 'Sources used that day, best first, joined by ;';
COMMENT ON COLUMN out.daily_activity.flags IS 'Remarks joined by ; : gap_filled, total_preferred, exercise_larger_of_two, movement_larger_of_two, session_steps, implausible_minute, utc_day, entry_without_time, tz_changed, date_skipped. NULL: none.';
