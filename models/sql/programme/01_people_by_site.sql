-- How many people take part at each site, and how many of them are silent?
-- A row is a site of programme.toml. silent: nothing has come of them for longer than the days of grace, as of the
-- site's last night (as_of). days_behind: by so many days that night is older than the newest of all; what stands here
-- of the site is as old. NULL: the site gave nothing yet, or it sends shares, where nobody is followed any more.
SELECT site, people, silent, round(100 * silent / nullif(people, 0), 1) AS silent_percent, files, as_of,
       max(as_of) OVER () - as_of AS days_behind, version, outcome
FROM programme_site
ORDER BY site;
