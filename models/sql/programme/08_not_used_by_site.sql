-- What could not be used at each site?
-- A row is a site and a kind of thing that is not used (`code` has them in words), with how many there are and of how
-- many people; somebody of nobody known is not counted among them. The site's own status names each with its remedy.
-- Not of a programme that sends shares: they have no files.
SELECT site, kind, count(*) AS things, count(DISTINCT participant_id) AS participants
FROM rejection
GROUP BY site, kind
ORDER BY site, things DESC, kind;
