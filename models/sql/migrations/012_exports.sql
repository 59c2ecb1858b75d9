-- What replaces what is judged by the export, not by one figure of a file (models/sql/day/020_superseded.sql).
ALTER TABLE source_file ADD COLUMN kind TEXT;    -- history | archive | report | selection (connectors/__init__.py)
ALTER TABLE source_file ADD COLUMN export TEXT;  -- the archive it came in (connectors/kit/bundle.py). NULL: it came alone
UPDATE source_file SET kind = CASE
    WHEN connector IN ('apple_health', 'health_connect', 'whoop') THEN 'history'
    WHEN connector IN ('fitbit_json', 'fitbit_takeout', 'garmin_account', 'google_fit', 'health_auto_export',
                       'health_auto_export_json', 'healthexport_app', 'huawei', 'oura', 'polar', 'samsung_health',
                       'simple_health_export', 'withings', 'zepp') THEN 'archive'
    WHEN connector IN ('actigraph', 'activpal', 'centrepoint', 'fitabase', 'fitbit_dashboard', 'garmin_reports_csv',
                       'qs_access') THEN 'report'
    WHEN connector IN ('diary', 'garmin_activities_csv', 'garmin_fit_activity', 'garmin_fit_monitoring', 'strava')
    THEN 'selection' END;
WITH split AS (
    SELECT participant_id, path, split_part(path, '!/', 1) AS archive,
           regexp_extract(split_part(path, '!/', 1), '(?i)(?:^|/)(takeout-[0-9]{8}t[0-9]{6}z)(?:-[0-9]+)?-[0-9]{3}[^/]*$', 1) AS named,
           CASE WHEN contains(path, '!/') THEN substr(path, strpos(path, '!/') + 2) ELSE substr(path, strpos(path, '/') + 1) END AS inside
    FROM (SELECT DISTINCT participant_id, path FROM source_file)
),
told AS (
    SELECT s.participant_id, s.path, contains(s.path, '!/') AS is_packed, coalesce(nullif(s.named, ''), a.sha256) AS archive,
           regexp_extract(
               regexp_replace(s.inside, '(?i)(takeout-[0-9]{8}t[0-9]{6}z)(?:-[0-9]+)?-[0-9]{3}[^/]*', '\1', 'g'),
               '(?is)^((?:.*/)?(?:takeout|user-site-export|myfitbitdata|di_connect|app data|data_[^/]*_[0-9]{9,}|samsunghealth_[^/]*_[0-9]{8,}|[0-9]{6,}_[0-9]{10,}|huawei_health_[0-9]+|polar-user-data-export[^/]*|healthall_[^/]*_simplehealthexportcsv|[^/]*[.](?:zip|tgz|tar)))/', 1) AS root
    FROM split s
    LEFT JOIN (SELECT participant_id, path, arg_max(sha256, file_id) AS sha256 FROM source_file GROUP BY ALL) a
        ON a.participant_id = s.participant_id AND a.path = s.archive
)
UPDATE source_file SET export = CASE WHEN t.is_packed THEN t.archive || '/' || t.root WHEN t.root <> '' THEN '/' || t.root END
FROM told t WHERE t.participant_id = source_file.participant_id AND t.path = source_file.path;
-- every day is resolved once more: what was deleted in a newer export is gone now
INSERT INTO stale_day SELECT participant_id, local_date, 'code_changed' FROM day;
