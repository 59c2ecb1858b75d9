-- Rule: R11.5
-- Grain: one value per call: the target after truncation of a goal-week `w`, by its numerator (its denominator is
-- `target_d` of 190_goal_week_measure). `amount`: the target of all seven days.
CREATE OR REPLACE TEMP MACRO effective_target(w, amount) AS CASE
    WHEN w.is_prorated AND w.kind = 'weekly_total' THEN amount * w.eligible_days
    -- of seven days or fewer a share is never more than there are
    WHEN w.is_prorated AND w.kind = 'days_with' AND amount > 7000 THEN 1000 * w.eligible_days
    WHEN w.is_prorated AND w.kind = 'days_with' THEN 1000 * ((amount * w.eligible_days + 6999) // 7000)
    ELSE amount
END;
