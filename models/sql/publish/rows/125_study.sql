-- Rule: R8.3, R8.6, R11.11, R14.8
-- Grain: one row per study.
SELECT r.as_of, s.anchor, s.weeks, s.grace_days, s.estimate, s.truncation, s.clearance, s.name, s.timezone,
       coalesce(s.dates, 'iso') AS dates, rules_version() AS rules_version, r.code_version,
       schema_version() AS schema_version
FROM study s CROSS JOIN this_run r
ORDER BY as_of
