-- Rule: R12.1, R10.1
-- Grain: one row per infusion that happened: how it was judged (judged_infusion), where its baseline lies (kept_baseline).
-- Neither changes without the control rows or the settings, and then every week of the person is judged.
DELETE FROM judged_infusion WHERE participant_id IN (SELECT participant_id FROM asked);
INSERT INTO judged_infusion BY NAME SELECT participant_id, infusion_id, infused_on, course FROM anchor;
DELETE FROM kept_baseline WHERE participant_id IN (SELECT participant_id FROM asked);
INSERT INTO kept_baseline BY NAME
SELECT participant_id, infusion_id, before_date FROM baseline_window JOIN anchor USING (infusion_key, infusion_id);
