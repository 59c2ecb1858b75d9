-- Rule: R8.2, R8.5
-- Grain: one row per infusion that carries weeks and post-infusion week.
-- The seven days as sets (075_day_set): those that count, those lost to each reason, those on a weekend.
CREATE OR REPLACE TEMP TABLE infusion_week AS
SELECT
    week_key,
    any_value(infusion_key) AS infusion_key,
    any_value(week) AS week,
    any_value(person_key) AS person_key,
    any_value(infusion_id) AS infusion_id,
    min(local_date) AS week_start,
    bit_or(CASE WHEN is_eligible THEN day_bit ELSE 0 END)::UTINYINT AS eligible_set,
    bit_or(CASE WHEN why_not IN ('next_infusion', 'infusion_day') THEN day_bit ELSE 0 END)::UTINYINT AS infusion_set,
    bit_or(CASE WHEN why_not = 'left' THEN day_bit ELSE 0 END)::UTINYINT AS left_set,
    bit_or(CASE WHEN why_not = 'hold' THEN day_bit ELSE 0 END)::UTINYINT AS hold_set,
    bit_or(CASE WHEN why_not = 'date_skipped' THEN day_bit ELSE 0 END)::UTINYINT AS skipped_set,
    bit_or(CASE WHEN isodow(local_date) >= 6 THEN day_bit ELSE 0 END)::UTINYINT AS weekend_set
FROM infusion_window
WHERE week IS NOT NULL
GROUP BY week_key;
