-- Rule: R5.2
-- Grain: one row per touched day and device.
DELETE FROM source_day USING touched_day t
WHERE source_day.participant_id = t.participant_id AND source_day.local_date = t.local_date;
INSERT INTO source_day BY NAME
SELECT participant_id, local_date, rank::INTEGER AS rank, source, device_class, steps, wear_ms, wear_method,
       NOT is_complete OR is_late AS is_partial
FROM device_day;
