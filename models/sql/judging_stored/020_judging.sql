-- Rule: R12.1
-- Grain: one row per participant or infusion: what the next judging is compared with.
-- Why the days of a goal that is held changed is asked once it is free.
DELETE FROM unjudged_day
WHERE participant_id IN (SELECT participant_id FROM asked)
  AND participant_id NOT IN (SELECT participant_id FROM unusable WHERE stands);
DELETE FROM judged_participant WHERE participant_id IN (SELECT participant_id FROM asked);
INSERT INTO judged_participant BY NAME
SELECT *, getvariable('as_of') AS as_of, getvariable('code_version') AS code_version,
       getvariable('config_hash') AS config_hash, getvariable('freezes') AS freezes,
       getvariable('lock_date') AS lock_date
FROM control_fingerprint SEMI JOIN asked USING (participant_id);
-- most nights these say what they said: only what differs is written
DELETE FROM judged_infusion AS j
WHERE participant_id IN (SELECT participant_id FROM asked) AND NOT EXISTS (
    FROM anchor a WHERE a.participant_id = j.participant_id AND a.infusion_id = j.infusion_id
                    AND a.infused_on = j.infused_on AND a.course = j.course);
INSERT INTO judged_infusion BY NAME
SELECT participant_id, infusion_id, infused_on, course FROM anchor
ANTI JOIN judged_infusion USING (participant_id, infusion_id);
DELETE FROM kept_baseline AS k
WHERE participant_id IN (SELECT participant_id FROM asked) AND NOT EXISTS (
    FROM baseline_window b JOIN anchor a USING (infusion_key, infusion_id)
    WHERE a.participant_id = k.participant_id AND infusion_id = k.infusion_id AND b.before_date = k.before_date);
INSERT INTO kept_baseline BY NAME
SELECT participant_id, infusion_id, before_date FROM baseline_window JOIN anchor USING (infusion_key, infusion_id)
ANTI JOIN kept_baseline USING (participant_id, infusion_id);
