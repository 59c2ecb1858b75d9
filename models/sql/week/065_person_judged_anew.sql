-- Rule: R12.1
-- Grain: one row per person of whom every week and goal is judged.
-- Everybody, unless the run asks for what changed (`only_changed`). Then those of whom, since the last judging, the
-- control files say something else (or nothing was judged yet); a day was resolved that a baseline or a derivation
-- looks at; `as_of` moved while a derivation was not settled: its days were not all over, or its version not in force.
CREATE OR REPLACE TEMP TABLE person_judged_anew AS
WITH looked_at AS (
    SELECT person_key, before_date - 14 AS from_date, before_date FROM baseline_window
    UNION ALL
    SELECT person_key, from_date, before_date FROM derivation_window
),

looked_at_again AS (
    SELECT p.person_key
    FROM unjudged_day AS u
    INNER JOIN person AS p ON u.participant_id = p.participant_id
    INNER JOIN looked_at AS l
        ON p.person_key = l.person_key AND u.local_date >= l.from_date AND u.local_date < l.before_date
),

unsettled AS (
    SELECT person_key
    FROM derivation_window
    WHERE
        getvariable('as_of')::DATE <> getvariable('judged_as_of')::DATE
        AND least(getvariable('as_of')::DATE, getvariable('judged_as_of')::DATE)
        <= greatest(before_date, effective_from)
)

SELECT
    p.person_key,
    p.participant_id
FROM person AS p
INNER JOIN control_fingerprint AS c ON p.participant_id = c.participant_id
LEFT JOIN judged_participant AS j ON p.participant_id = j.participant_id
WHERE
    NOT coalesce(getvariable('only_changed')::BOOLEAN, FALSE)
    OR c.control_fingerprint IS DISTINCT FROM j.control_fingerprint
    OR p.person_key IN (SELECT person_key FROM looked_at_again)
    OR p.person_key IN (SELECT person_key FROM unsettled);
