-- Rule: R10.1, R10.3, R10.4, R10.5
-- Grain: one row per goal version with a derivation.
-- The days it looks at: from `from_date` up to the day before `before_date`. `parameter`: percent or amount to add, or
-- the percentile, in thousandths. `times`: how many such days make a target.
CREATE OR REPLACE TEMP TABLE derivation_window AS
WITH rule AS (
    SELECT
        version_key,
        goal_id,
        version,
        person_key,
        infusion_id,
        metric,
        is_logged_metric,
        unit,
        effective_from,
        CASE kind WHEN 'weekly_total' THEN 7 ELSE 1 END AS times,
        split_part(derivation, ':', 1) AS form,
        (1000 * TRY_CAST(split_part(derivation, ':', 2) AS DECIMAL(28, 3)))::HUGEINT AS parameter
    FROM goal_version
    WHERE derivation IS NOT NULL
)

SELECT
    r.*,
    CASE WHEN r.form = 'percentile' THEN r.effective_from ELSE b.before_date END AS before_date,
    CASE WHEN r.form = 'percentile' THEN DATE '-infinity' ELSE b.before_date - 14 END AS from_date
FROM rule AS r
LEFT JOIN baseline_window AS b ON r.person_key = b.person_key AND r.infusion_id IS NOT DISTINCT FROM b.infusion_id
WHERE r.infusion_id IS NOT NULL
UNION ALL
SELECT
    r.*,
    CASE WHEN r.form = 'percentile' THEN r.effective_from ELSE f.infused_on END AS before_date,
    CASE WHEN r.form = 'percentile' THEN DATE '-infinity' ELSE f.infused_on - 14 END AS from_date
FROM rule AS r
LEFT JOIN anchor AS f ON r.person_key = f.person_key AND f.infused_on = f.first_infused_on
WHERE r.infusion_id IS NULL
QUALIFY row_number() OVER (PARTITION BY r.version_key ORDER BY f.infusion_key) = 1;
