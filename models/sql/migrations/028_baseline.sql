-- What the target of a goal-week rests on, and what was agreed; when a session was on the clock on the wall.
ALTER TABLE frozen_target ADD COLUMN baseline_value DECIMAL(24, 6);
ALTER TABLE goal_week ADD COLUMN baseline_value DECIMAL(24, 6);
ALTER TABLE goal_week ADD COLUMN baseline_days INTEGER;
ALTER TABLE goal_week ADD COLUMN baseline_as_of DATE;
ALTER TABLE goal_week ADD COLUMN target_agreed DECIMAL(18, 3);
ALTER TABLE verdict ADD COLUMN per_day DECIMAL(18, 3);
ALTER TABLE verdict ADD COLUMN baseline_value DECIMAL(24, 6);
ALTER TABLE verdict ADD COLUMN baseline_days INTEGER;
ALTER TABLE verdict ADD COLUMN baseline_as_of DATE;
ALTER TABLE verdict ADD COLUMN target_agreed DECIMAL(18, 3);
ALTER TABLE session ADD COLUMN local_start_minute INTEGER;
ALTER TABLE session ADD COLUMN local_end_date DATE;
ALTER TABLE attendance ADD COLUMN local_start_minute INTEGER;
ALTER TABLE attendance ADD COLUMN local_end_date DATE;
-- weeks that a lock keeps from being judged again, and verdicts that stand
UPDATE goal_week SET target_agreed = g.targets[least(goal_week.week, len(g.targets))]
FROM goal AS g WHERE g.goal_id = goal_week.goal_id AND g.version = goal_week.version;
UPDATE goal_week SET baseline_days = f.n_valid, baseline_as_of = f.as_of
FROM frozen_target AS f
WHERE f.goal_id = goal_week.goal_id AND f.version = goal_week.version
  AND f.n_valid >= (SELECT CASE WHEN g.derivation LIKE 'percentile:%' THEN 9 ELSE 4 END
                    FROM goal AS g WHERE g.goal_id = f.goal_id AND g.version = f.version);
UPDATE verdict SET per_day = g.per_day, baseline_days = g.baseline_days, baseline_as_of = g.baseline_as_of,
                   target_agreed = g.target_agreed
FROM goal_week AS g WHERE verdict.is_current AND g.evaluation_id = verdict.evaluation_id;
-- sessions by the person's own clock, on dates during which it did not change; others say it when they are read again
UPDATE session SET
    local_start_minute = date_diff('minute', l.begins, session.start_time),
    local_end_date = session.local_date + (session.end_time > l.ends)::INTEGER
FROM local_day AS l
WHERE l.participant_id = session.participant_id AND l.local_date = session.local_date
  AND l.ends - l.begins = INTERVAL 24 HOURS
  AND session.start_time >= l.begins AND session.start_time < l.ends AND session.end_time <= l.ends + INTERVAL 23 HOURS
  AND session.file_id NOT IN (SELECT file_id FROM coverage WHERE tz_source = 'record_offset');
