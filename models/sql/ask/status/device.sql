-- Who has had another source first in the last 7 days than in the 21 before. Parameters: as_of.
SELECT participant_id, max({'n': n, 'source': primary_source}) FILTER (is_recent).source AS source,
       max({'n': n, 'source': primary_source}) FILTER (NOT is_recent).source AS before
FROM (
    SELECT participant_id, primary_source, local_date >= $as_of - 7 AS is_recent, count(*) AS n FROM known_day
    WHERE primary_source IS NOT NULL AND local_date BETWEEN $as_of - 28 AND $as_of GROUP BY ALL
) GROUP BY participant_id HAVING source <> before ORDER BY participant_id
