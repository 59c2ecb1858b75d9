-- Rule: R15.4, R15.3
-- Grain: one row per source, activity, role or scale that at least k of the people shared have.
CREATE OR REPLACE TEMP TABLE common AS
WITH used AS (
    SELECT 'source' AS kind, participant_id, unnest(string_split(sources, ';')) AS label
    FROM published.daily_activity SEMI JOIN shared_day USING (participant_id, local_date)
    UNION ALL
    SELECT 'source', participant_id, primary_source FROM published.daily_activity
    SEMI JOIN shared_day USING (participant_id, local_date)
    UNION ALL
    SELECT 'source', participant_id, source FROM published.session
    SEMI JOIN shared_day USING (participant_id, local_date)
    UNION ALL
    SELECT 'activity', participant_id, activity FROM published.session
    SEMI JOIN shared_day USING (participant_id, local_date)
    UNION ALL
    SELECT 'led_by', a.participant_id, a.led_by FROM published.attendance a
    SEMI JOIN shared_day d ON d.participant_id = a.participant_id AND d.local_date = a.date
    UNION ALL
    SELECT 'scale', o.participant_id, o.scale FROM published.outcome o
    SEMI JOIN shared_day d ON d.participant_id = o.participant_id AND d.local_date = o.date
)
SELECT kind, label FROM used WHERE label IS NOT NULL GROUP BY ALL
HAVING count(DISTINCT participant_id) >= getvariable('k');

CREATE OR REPLACE TEMP MACRO common_or_other(the_kind, the_label) AS
    CASE WHEN the_label IS NULL THEN NULL
         WHEN EXISTS (FROM common c WHERE c.kind = the_kind AND c.label = the_label) THEN the_label ELSE 'other' END;
CREATE OR REPLACE TEMP MACRO key_of(the_kind, the_name)
    AS (SELECT k.share_key FROM keys k WHERE k.kind = the_kind AND k.name = the_name);
