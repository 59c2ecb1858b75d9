-- Rule: R10.2, R10.3, R10.4, R10.5, R10.6, R10.7, R10.12
-- Grain: one row per goal version with a derivation of a person who is judged.
-- What was frozen (`frozen_target`) wins over what the days say now. `baseline_value`: what a day came to in the days
-- that the target rests on, before anything is added; NULL where it rests on none.
CREATE OR REPLACE TEMP TABLE derived_target AS
WITH bounds AS (
    SELECT d.*
    FROM derivation_window AS d
    SEMI JOIN week_to_judge AS w ON d.person_key = w.person_key
),

measured AS (
    SELECT
        b.version_key,
        b.form,
        d.local_date,
        amount_of(
            b.metric, d.steps, d.walking_ms, d.brisk_ms, d.moderate_ms, d.vigorous_ms, d.mvpa_ms,
            d.mvpa_equivalent_ms, d.exercise_ms, d.movement_ms, d.workout_ms, d.strength_ms, d.yoga_ms, d.dance_ms,
            d.massage_ms
        ) AS known_amount,
        CASE WHEN b.is_logged_metric THEN coalesce(known_amount, 0) ELSE known_amount END AS amount
    FROM bounds AS b
    INNER JOIN judged_day AS d
        ON b.person_key = d.person_key AND d.local_date >= b.from_date AND d.local_date < b.before_date
    LEFT JOIN anchor AS a ON d.person_key = a.person_key AND d.local_date = a.infused_on
    LEFT JOIN doubted_entry AS q ON d.person_key = q.person_key AND d.local_date = q.local_date
    WHERE
        a.person_key IS NULL
        AND CASE
            WHEN b.is_logged_metric THEN d.is_logged AND q.person_key IS NULL
            ELSE d.day_state = 'valid' AND NOT d.is_partial
        END
        AND amount IS NOT NULL
    QUALIFY b.form <> 'percentile' OR row_number() OVER (PARTITION BY b.version_key ORDER BY d.local_date DESC) <= 9
),

gathered AS (
    SELECT
        version_key,
        count(*) AS n_valid,
        sum(amount) AS total,
        list_sort(list(amount)) AS smallest_first
    FROM measured
    GROUP BY version_key
),

-- target = numerator / denominator, not yet rounded
exact AS (
    SELECT
        b.version_key,
        coalesce(g.n_valid, 0) AS n_valid,
        (b.parameter * 10 + 99999) // 100000 AS place,
        b.times * CASE
            WHEN b.form = 'baseline_pct' AND g.n_valid >= 4 THEN g.total * (100000 + b.parameter)
            WHEN b.form = 'baseline_plus' AND g.n_valid >= 4 THEN 1000 * g.total + b.parameter * b.unit * g.n_valid
            WHEN b.form = 'percentile' AND g.n_valid = 9
                THEN g.smallest_first[CASE WHEN place < 1 THEN 1 WHEN place > 9 THEN 9 ELSE place END::INTEGER]
        END AS numerator,
        CASE b.form
            WHEN 'baseline_pct' THEN 100000 * b.unit * g.n_valid
            WHEN 'baseline_plus' THEN 1000 * b.unit * g.n_valid
            WHEN 'percentile' THEN b.unit
        END AS denominator,
        CASE
            WHEN numerator IS NULL THEN NULL
            WHEN b.form = 'percentile' THEN half_up(numerator, b.times * b.unit)
            ELSE half_up(g.total, b.unit * g.n_valid)
        END AS baseline_value
    FROM bounds AS b
    LEFT JOIN gathered AS g ON b.version_key = g.version_key
),

rounded AS (
    SELECT
        version_key,
        n_valid,
        ((2 * numerator + denominator) // (2 * denominator))::DECIMAL(18, 3) AS target,
        baseline_value
    FROM exact
),

-- every version's own number, fixed ones too: an adaptive goal may fall back on them
issued AS (
    SELECT
        v.version_key,
        v.goal_id,
        v.version,
        v.derivation,
        coalesce(f.n_valid, e.n_valid) AS n_days,
        n_days >= CASE WHEN v.derivation LIKE 'percentile:%' THEN 9 ELSE 4 END AS is_enough,
        coalesce(f.as_of, getvariable('as_of')) AS as_of,
        f.as_of AS frozen_as_of,
        coalesce(
            f.baseline_value,
            -- a store of before did not keep it: what still gives the same is it
            CASE
                WHEN f.goal_id IS NULL OR (f.target, f.n_valid) = (e.target, e.n_valid) THEN e.baseline_value
            END
        ) AS baseline,
        CASE
            WHEN v.derivation IS NULL THEN CASE WHEN v.counts_days THEN v.per_day ELSE v.targets[-1] END
            ELSE coalesce(f.target, e.target)
        END AS own_target
    FROM goal_version AS v
    SEMI JOIN week_to_judge AS w ON v.person_key = w.person_key
    LEFT JOIN rounded AS e ON v.version_key = e.version_key
    LEFT JOIN frozen_target AS f ON v.goal_id = f.goal_id AND v.version = f.version
)

SELECT
    version_key,
    goal_id,
    version,
    CASE
        WHEN own_target IS NULL AND derivation LIKE 'percentile:%'
            THEN last_value(own_target IGNORE NULLS) OVER (
                PARTITION BY goal_id ORDER BY version ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            )
        ELSE own_target
    END AS target,
    n_days AS n_valid,
    as_of,
    CASE WHEN is_enough THEN baseline END AS baseline_value,
    CASE WHEN is_enough THEN n_days END AS baseline_days,
    CASE WHEN is_enough THEN frozen_as_of END AS frozen_as_of
FROM issued
QUALIFY derivation IS NOT NULL;
