-- How much there is of everything. Parameters: as_of.
SELECT (SELECT count(*) FROM participant) AS people,
       (SELECT count(*) FROM infusion WHERE has_happened(status) AND infused_on <= $as_of)
           AS infusions,
       (SELECT count(DISTINCT goal_id) FROM goal_week) AS goals,
       (SELECT count(*) FROM source_file WHERE status = 'loaded') AS files
