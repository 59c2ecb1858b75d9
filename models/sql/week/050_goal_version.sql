-- Rule: R9.1, R9.2, R9.3, R9.4
-- Grain: one row per version of a goal that is ever in force.
-- Days before the goal's first effective date belong to no version; the first one speaks for them (`speaks_from` is
-- open), to say that the goal was not in force.
CREATE OR REPLACE TEMP TABLE goal_version AS
WITH stated AS (
    SELECT
        goal_id,
        version,
        set_on,
        CASE WHEN correction THEN effective_from ELSE greatest(effective_from, set_on) END AS stated_from
    FROM goal
),

dated AS (
    SELECT
        goal_id,
        version,
        coalesce(
            stated_from,
            last_value(stated_from IGNORE NULLS) OVER (
                PARTITION BY goal_id ORDER BY version ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ),
            set_on,
            DATE '0001-01-01'
        ) AS effective_from
    FROM stated
),

ruling AS (
    SELECT
        goal_id,
        max(version) AS version,
        effective_from
    FROM dated
    GROUP BY goal_id, effective_from
),

ordered AS (
    SELECT
        *,
        first_value(effective_from) OVER by_date AS goal_begins,
        coalesce(lead(effective_from) OVER by_date, DATE 'infinity') AS speaks_until
    FROM ruling
    WINDOW by_date AS (PARTITION BY goal_id ORDER BY effective_from)
)

SELECT
    row_number() OVER ()::INTEGER AS version_key,
    g.goal_id,
    g.version,
    p.person_key,
    g.participant_id,
    p.has_step_goals,
    nullif(g.infusion_id, '') AS infusion_id,
    coalesce(g.from_week, 1) AS from_week,
    coalesce(g.to_week, s.weeks) AS to_week,
    g.kind,
    g.kind IN ('days_with', 'streak') AS counts_days,
    g.metric,
    m.is_logged_metric,
    m.unit,
    g.targets,
    g.per_day,
    CASE WHEN g.derivation LIKE 'step_up:%' THEN g.derivation END AS step_up,
    CASE WHEN step_up IS NULL THEN nullif(g.derivation, '') END AS derivation,
    o.effective_from,
    o.goal_begins,
    CASE WHEN o.effective_from = o.goal_begins THEN DATE '-infinity' ELSE o.effective_from END AS speaks_from,
    o.speaks_until,
    g.status AS goal_status,
    g.correction AS is_correction,
    -- what was agreed, as one short word: another word, another agreement. By name, so that a column that is added to
    -- goals.csv later changes no agreement of before
    md5({
        'goal_id': g.goal_id, 'version': g.version, 'participant_id': g.participant_id, 'infusion_id': g.infusion_id,
        'from_week': g.from_week, 'to_week': g.to_week, 'kind': g.kind, 'metric': g.metric, 'targets': g.targets,
        'per_day': g.per_day, 'derivation': g.derivation, 'set_on': g.set_on, 'effective_from': g.effective_from,
        'correction': g.correction, 'status': g.status
    }::TEXT) AS goal_fingerprint
FROM goal AS g
CROSS JOIN study AS s
INNER JOIN ordered AS o ON g.goal_id = o.goal_id AND g.version = o.version
INNER JOIN person AS p ON g.participant_id = p.participant_id
INNER JOIN metric_unit AS m ON g.metric = m.metric;
