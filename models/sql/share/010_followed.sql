-- Rule: R15.1, R15.2
-- Grain: one row per infusion that is shared.
-- An infusion whose weeks run on would date itself: the day of sharing is known, and how far the weeks have come is
-- seen.
CREATE OR REPLACE TEMP TABLE followed AS
SELECT i.participant_id, i.infusion_id, i.infused_on, f.first_on
FROM published.infusion i
JOIN (SELECT participant_id, min(infused_on) AS first_on FROM published.infusion
      WHERE has_happened(status) GROUP BY ALL) f USING (participant_id)
JOIN (SELECT infusion_id, max(local_date) AS last_on FROM published.infusion_window GROUP BY ALL) w USING (infusion_id)
WHERE has_happened(i.status)
  AND (getvariable('unfinished') OR w.last_on + getvariable('grace')
       < (SELECT arg_max(as_of, ended_at) FROM published.run));
