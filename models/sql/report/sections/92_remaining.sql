-- Weeks that have begun and of which days that count are left, today among them. Parameters: as_of.
SELECT participant_id, infusion_id, week, count_if(is_eligible AND local_date >= $as_of) AS days_left
FROM infusion_window WHERE week IS NOT NULL
GROUP BY ALL HAVING min(local_date) <= $as_of AND count_if(is_eligible AND local_date >= $as_of) > 0
ORDER BY infusion_id, week
