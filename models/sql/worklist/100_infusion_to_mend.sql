-- Rule: R16.4
-- Grain: one row per participant and kind: infusions that are over and still scheduled, or given in the future.
CREATE OR REPLACE TEMP VIEW infusion_to_mend AS
SELECT i.participant_id, if(i.status = 'scheduled', 'scheduled', 'future') AS kind, min(i.infused_on) AS since,
       list({'infusion_id': i.infusion_id, 'infused_on': i.infused_on} ORDER BY infused_on, infusion_id) AS infusions
FROM infusion i CROSS JOIN study s
WHERE (i.status = 'scheduled' AND i.infused_on < s.as_of) OR (has_happened(i.status) AND i.infused_on > s.as_of)
GROUP BY ALL;
