-- Are goals met more or less often after the first infusion than after later ones?
-- A row is an infusion's number for the person (1 the first) and a post-infusion week that is over. at_least_percent
-- takes what cannot be said for not met, at_most_percent for met; the true share lies between. participants is beside
-- it, for later infusions are those of fewer people, who are not like all (who does well may stop, and who does badly,
-- too): rows compare different people. In a series weeks after an early infusion are cut short by the next one, and
-- those that it took whole are not here. A goal may rise with the weeks, so that fewer met goals need not be less
-- movement.
SELECT i.ordinal, g.week, count(DISTINCT g.participant_id) AS participants, count(*) AS goals,
       count(*) FILTER (g.status = 'met') AS met, count(*) FILTER (g.status = 'partly_met') AS partly_met,
       count(*) FILTER (g.status = 'missed') AS missed,
       count(*) FILTER (g.status NOT IN ('met', 'partly_met', 'missed')) AS cannot_be_said,
       round(100 * met / goals, 1) AS at_least_percent,
       round(100 * (met + cannot_be_said) / goals, 1) AS at_most_percent
FROM goal_week g JOIN infusion i USING (infusion_id)
WHERE i.ordinal IS NOT NULL AND g.status <> 'superseded' AND g.week_end < g.as_of
GROUP BY i.ordinal, g.week
ORDER BY i.ordinal, g.week;
