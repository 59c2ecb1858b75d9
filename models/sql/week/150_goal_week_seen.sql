-- What was seen of each goal-week: sums and sets of days. The log of a week is open if anything at all was logged, or
-- the log attested, on an eligible day that is over; a logged metric under a closed log was not seen on any day,
-- whatever the `raw_` columns say: goal_week_measure takes that into account.
-- GRAIN: one row per goal-week with at least one eligible day that is over.
CREATE OR REPLACE TEMP TABLE goal_week_seen AS
SELECT
    case_key,
    sum(amount) FILTER (is_valid) AS raw_valid_total,
    sum(amount) AS raw_seen_total,
    bit_or(CASE WHEN is_valid THEN day_bit ELSE 0 END)::UTINYINT AS raw_valid_set,
    bit_or(CASE WHEN is_seen THEN day_bit ELSE 0 END)::UTINYINT AS raw_seen_set,
    bit_or(CASE WHEN is_success THEN day_bit ELSE 0 END)::UTINYINT AS raw_success_set,
    coalesce(bool_or(has_data), FALSE) AS raw_has_data,
    coalesce(bool_or(has_entry), FALSE) AS log_is_open
FROM goal_day
GROUP BY case_key;
