-- Rule: R8.3, R8.6, R11.11
-- Grain: one row per study.
SELECT r.as_of, s.anchor, s.weeks, s.grace_days, s.estimate, s.truncation, s.clearance
FROM study s CROSS JOIN this_run r
ORDER BY as_of
