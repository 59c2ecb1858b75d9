-- Kinds of activity that count as other.
SELECT source, vendor_activity, count(*) AS sessions FROM known_session WHERE activity = 'other'
GROUP BY ALL ORDER BY sessions DESC, source, vendor_activity
