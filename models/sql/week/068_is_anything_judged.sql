-- Rule: R12.1
-- Grain: one value per call: whether a week is judged now, or something of somebody who is gone is still stored. Where
-- not, what follows would say nothing, and replace nothing (067_is_judged_now).
CREATE OR REPLACE TEMP MACRO is_anything_judged() AS
    EXISTS (FROM week_to_judge)
    OR EXISTS (FROM person_judged_anew)
    OR EXISTS (FROM asked ANTI JOIN person ON asked.participant_id = person.participant_id);
