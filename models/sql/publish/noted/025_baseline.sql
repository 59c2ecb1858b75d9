-- Rule: R10.1
-- Whose rows may be others than those published: whose baseline is another one, or has other days; and where days come
-- to be over with the date, as the baseline ends later than what was judged last.
SELECT participant_id FROM noted WHERE source IN ('person', 'participant', 'infusion', 'kept_baseline', 'judged_infusion')
UNION
SELECT k.participant_id
FROM kept_baseline k JOIN noted n ON n.participant_id = k.participant_id
WHERE n.source = 'day' AND n.local_date >= k.before_date - 14 AND n.local_date < k.before_date
UNION
SELECT k.participant_id FROM kept_baseline k, judging j, published p
WHERE j.as_of IS DISTINCT FROM p.as_of AND k.before_date > least(j.as_of, p.as_of)
