-- Rule: R9.1, R10.5
-- Grain: one row per goal version: its own numbers, or the derived one in their place.
-- A table of its own so that no join is built from an outer join: DuckDB 2.0.0 breaks there (its issue 24807).
CREATE OR REPLACE TEMP TABLE version_target AS
SELECT
    g.version_key,
    CASE WHEN g.counts_days AND g.derivation IS NOT NULL THEN t.target ELSE g.per_day END AS per_day,
    CASE WHEN g.counts_days OR g.derivation IS NULL THEN g.targets ELSE [t.target] END AS targets
FROM goal_version AS g
LEFT JOIN derived_target AS t ON g.version_key = t.version_key;
