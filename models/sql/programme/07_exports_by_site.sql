-- What kinds of export come in at each site, from how many people, and how far do they reach?
-- A row is a site and a reader (docs/exports.md says which devices that is), over files that were used. covers_to: the
-- last day that any of them tells of. A kind that stopped coming is often a vendor's changed export: compare sites. Not
-- of a programme that sends shares: they have no files.
SELECT site, connector, count(*) AS files, count(DISTINCT participant_id) AS participants,
       min(covers_from) AS covers_from, max(covers_to) AS covers_to,
       round(sum(size_bytes) / 1e6, 1) AS megabytes
FROM source_file
WHERE status = 'loaded'
GROUP BY site, connector
ORDER BY site, files DESC, connector;
