-- Rule: R11.4, R12.1
-- Grain: one row per goal-week with at least one eligible day that is over.
-- Sums and sets of days, whatever the log: 190_goal_week_measure takes a closed one into account (`raw_`).
-- `days_fingerprint`: all that the verdict knows of those days, as one number: amount of each and how well it was seen
-- (or whether there was an entry), times a number of its own for each day of the week. `_then`: of those that were over
-- at the last judging (of a goal that was held: when it was judged).
CREATE OR REPLACE TEMP TABLE goal_week_seen AS
SELECT
    case_key,
    sum(amount) FILTER (is_valid) AS raw_valid_total,
    sum(amount::HUGEINT * amount) FILTER (is_valid) AS raw_valid_squares,
    sum(amount) AS raw_seen_total,
    bit_or(CASE WHEN is_valid THEN day_bit ELSE 0 END)::UTINYINT AS raw_valid_set,
    bit_or(CASE WHEN is_seen THEN day_bit ELSE 0 END)::UTINYINT AS raw_seen_set,
    bit_or(CASE WHEN is_success THEN day_bit ELSE 0 END)::UTINYINT AS raw_success_set,
    coalesce(bool_or(has_data), FALSE) AS raw_has_data,
    coalesce(bool_or(has_entry), FALSE) AS log_is_open,
    sum(day_fingerprint)::DECIMAL(38, 0) AS days_fingerprint,
    sum(day_fingerprint) FILTER (local_date < coalesce(judged_as_of, getvariable('judged_as_of')::DATE))::DECIMAL(38, 0)
        AS days_fingerprint_then
FROM (
    SELECT
        *,
        CASE
            WHEN is_logged_metric
                THEN 8 * amount::HUGEINT + coalesce(has_entry, FALSE)::INTEGER + 2 * is_entry_doubted::INTEGER
            WHEN is_valid THEN 8 * (amount::HUGEINT + 1)
            WHEN is_seen THEN 8 * (amount::HUGEINT + 1) + 1
            WHEN has_data THEN 2
            ELSE 0
        END::HUGEINT
        * CASE day_bit
            WHEN 1 THEN 982451653982451653
            WHEN 2 THEN 715225741366119103
            WHEN 4 THEN 1111111111111111111
            WHEN 8 THEN 909090909090909091
            WHEN 16 THEN 637037037000000029
            WHEN 32 THEN 1099511627689099511
            ELSE 533000401999999873
        END AS day_fingerprint
    FROM goal_day
    LEFT JOIN left_case USING (case_key)
)
GROUP BY case_key;
