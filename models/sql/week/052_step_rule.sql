-- Rule: R10.9
-- Grain: one row per goal version whose target rises from week to week.
-- By `rise` after `after_weeks` met weeks in a row, up to `most` (NULL: without an end). A week has seven days.
CREATE OR REPLACE TEMP TABLE step_rule AS
SELECT
    version_key,
    goal_id,
    version,
    participant_id,
    effective_from,
    targets[1] AS first_target,
    TRY_CAST(regexp_extract(step_up, '^step_up:([0-9.]+)', 1) AS DECIMAL(18, 3)) AS rise,
    coalesce(TRY_CAST(regexp_extract(step_up, 'weeks=([0-9]+)', 1) AS INTEGER), 1) AS after_weeks,
    coalesce(
        TRY_CAST(regexp_extract(step_up, 'up_to=([0-9.]+)', 1) AS DECIMAL(18, 3)), CASE WHEN counts_days THEN 7 END
    ) AS most
FROM goal_version
WHERE step_up IS NOT NULL;
