-- Rule: R9.1, R10.5, R10.6, R10.12
-- Grain: one row per goal version: its own numbers, or the derived one in their place, and what that rests on.
-- `baseline_as_of`: when it was frozen, or is in this run (010_frozen_target).
-- A table of its own so that no join is built from an outer join: DuckDB 2.0.0 breaks there (its issue 24807).
CREATE OR REPLACE TEMP TABLE version_target AS
SELECT
    g.version_key,
    CASE WHEN g.counts_days AND g.derivation IS NOT NULL THEN t.target ELSE g.per_day END AS per_day,
    CASE WHEN g.counts_days OR g.derivation IS NULL THEN g.targets ELSE [t.target] END AS targets,
    t.baseline_value,
    t.baseline_days,
    CASE
        WHEN t.baseline_days IS NULL OR t.frozen_as_of IS NOT NULL THEN t.frozen_as_of
        WHEN getvariable('freezes')::BOOLEAN AND g.effective_from <= t.as_of THEN t.as_of
    END AS baseline_as_of
FROM goal_version AS g
LEFT JOIN derived_target AS t ON g.version_key = t.version_key;
