-- Rule: R8.1, R8.3, R8.4, R8.6
-- Grain: one row per infusion that happened, whatever its date.
CREATE OR REPLACE TEMP TABLE anchor AS
WITH happened AS (
    SELECT
        p.person_key,
        i.participant_id,
        i.infusion_id,
        i.infused_on,
        nullif(i.course_id, '') AS course_id,
        row_number() OVER (ORDER BY i.participant_id, i.infused_on, i.infusion_id)::INTEGER AS infusion_key,
        lag(i.infused_on) OVER in_order AS last_on,
        lead(i.infused_on) OVER in_order AS next_on
    FROM infusion AS i
    INNER JOIN person AS p ON i.participant_id = p.participant_id
    WHERE has_happened(i.status)
    WINDOW in_order AS (PARTITION BY i.participant_id ORDER BY i.infused_on, i.infusion_id)
),

headed AS (
    SELECT
        *,
        CASE
            WHEN course_id IS NOT NULL OR last_on IS NULL OR infused_on - last_on > 6 THEN infusion_key
        END AS heads_at
    FROM happened
),

spelled AS (
    SELECT
        *,
        max(heads_at) OVER (PARTITION BY person_key ORDER BY infusion_key) AS head_key
    FROM headed
),

coursed AS (
    SELECT
        s.*,
        h.course_id IS NOT NULL AS is_named_course,
        coalesce('named ' || h.course_id, 'from ' || h.infusion_id) AS course
    FROM spelled AS s
    INNER JOIN spelled AS h ON s.head_key = h.infusion_key
),

reach AS (
    SELECT
        participant_id,
        infusion_id,
        max(to_week) AS to_week
    FROM goal_version
    GROUP BY participant_id, infusion_id
)

SELECT
    c.infusion_key,
    c.person_key,
    c.participant_id,
    c.infusion_id,
    c.infused_on,
    c.next_on,
    c.course,
    c.is_named_course,
    first_value(c.infused_on) OVER in_course AS course_begins,
    first_value(c.infused_on) OVER (PARTITION BY c.person_key ORDER BY c.infusion_key) AS first_infused_on,
    s.anchor AS anchor_policy,
    s.anchor <> 'course' OR c.infusion_key = last_value(c.infusion_key) OVER in_course AS carries_weeks,
    greatest(s.weeks, every_one.to_week, this_one.to_week) AS weeks
FROM coursed AS c
CROSS JOIN study AS s
LEFT JOIN reach AS every_one ON c.participant_id = every_one.participant_id AND every_one.infusion_id IS NULL
LEFT JOIN reach AS this_one ON c.participant_id = this_one.participant_id AND c.infusion_id = this_one.infusion_id
WINDOW in_course AS (
    PARTITION BY c.person_key, c.course ORDER BY c.infusion_key
    ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
);
