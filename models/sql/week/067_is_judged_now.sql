-- Rule: R12.1
-- Grain: one value per call: whether what is stored of a week is replaced, for it is judged now (066_week_to_judge), or
-- its person is gone.
CREATE OR REPLACE TEMP MACRO is_judged_now(who, infusion, in_week) AS
    NOT coalesce(getvariable('only_changed')::BOOLEAN, FALSE)
    OR who NOT IN (SELECT participant_id FROM person)
    OR who IN (SELECT participant_id FROM person_judged_anew)
    OR (infusion, in_week) IN (SELECT (infusion_id, week) FROM week_to_judge);
