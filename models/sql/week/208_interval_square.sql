-- Rule: R11.12
-- Grain: one value per call: the square of half the interval of an estimated goal-week `w` (190_goal_week_measure).
-- Rounded up to a whole number, in thousandths of an amount, with the denominator of the estimate. The ends are rounded
-- outward to thousandths of a unit (210_goal_week_now): what is rounded up here moves none of them.
CREATE OR REPLACE TEMP MACRO interval_square(w) AS (
    t_of(w.valid_days) * t_of(w.valid_days) * w.eligible_days * (w.eligible_days - w.valid_days)
    * (w.valid_days * w.valid_squares - w.valid_total * w.valid_total) + w.valid_days - 2
) // (w.valid_days - 1);
