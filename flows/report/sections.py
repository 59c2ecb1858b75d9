"""What a participant's page is made of: one question per section, to the published database alone.

A page is rewritten when an answer to one of them changes, so nothing else may stand on it. What changes every night
(as_of, when a run was) is on no page of a participant: days are asked for only up to as_of.
"""

from __future__ import annotations

# Each with its order within a participant.
SECTIONS = {
    # Why this person's numbers stand as they were; no row for whom they are today's.
    "held": (
        """
        SELECT participant_id, held_reason FROM participant WHERE held_reason IS NOT NULL""",
        "held_reason",
    ),
    # Every day of the time line: from the fortnight before the first infusion, or the first data, to the last of either
    # data or followed days that are over. A day belongs to the infusion nearest before it.
    "days": (
        """
        WITH followed AS (
            SELECT DISTINCT ON (participant_id, local_date)
                   participant_id, local_date, infusion_id, day_number, week, is_eligible, why_not
            FROM infusion_window WHERE local_date < $as_of AND why_not IS DISTINCT FROM 'next_infusion'
            ORDER BY participant_id, local_date, day_number),
        ends AS (
            SELECT participant_id, min(infused_on) - 14 AS first_day, least(min(infused_on), $as_of) - 1 AS last_day
            FROM infusion WHERE status IN ('completed', 'stopped_early') GROUP BY ALL
            UNION ALL SELECT participant_id, min(local_date), max(local_date) FROM followed GROUP BY ALL
            UNION ALL SELECT participant_id, min(local_date), max(local_date) FROM daily_activity GROUP BY ALL),
        calendar AS (
            SELECT participant_id, unnest(range(min(first_day), max(last_day) + 1, INTERVAL 1 DAY))::DATE AS local_date
            FROM ends GROUP BY participant_id)
        SELECT participant_id, local_date, coalesce(d.day_state, 'no_data') AS day_state, d.movement_minutes, d.steps,
               d.walking_minutes, d.mvpa_equivalent_minutes, d.wear_minutes, d.primary_source, f.infusion_id, f.week,
               f.day_number, coalesce(f.is_eligible, FALSE) AS is_eligible, f.why_not
        FROM calendar SEMI JOIN participant USING (participant_id)
        LEFT JOIN daily_activity d USING (participant_id, local_date)
        LEFT JOIN followed f USING (participant_id, local_date)""",
        "local_date",
    ),
    "infusions": (
        """
        SELECT participant_id, infusion_id, infused_on, status, course_id FROM infusion""",
        "infused_on, infusion_id",
    ),
    "verdicts": (
        """
        SELECT w.participant_id, goal_id, w.infusion_id, week, week_start, week_end, w.kind, w.metric, target,
               target_effective, value, percent, w.status, reason, basis, eligible_days, valid_days, is_truncated,
               truncated_by, device_changed, g.per_day, g.derivation
        FROM goal_week w LEFT JOIN goal g USING (goal_id, version)""",
        "goal_id, week_start DESC, infusion_id",
    ),
    "weeks": (
        """
        SELECT participant_id, infusion_id, week, week_start, week_end, eligible_days, valid_days, logged_days,
               movement_minutes_mean, movement_minutes_mean_days, steps_mean, steps_mean_days, walking_minutes_mean,
               walking_minutes_mean_days, mvpa_equivalent_minutes_mean, mvpa_equivalent_minutes_mean_days
        FROM weekly_activity WHERE eligible_days > 0 AND days_over > 0""",
        "week_start DESC, infusion_id",
    ),
    "entries": (
        """
        SELECT participant_id, local_date, activity, timer_minutes, modality, source FROM session""",
        "local_date DESC, activity, timer_minutes, source",
    ),
    "files": (
        """
        SELECT participant_id, connector, count(*) AS files, min(covers_from) AS covers_from,
               max(covers_to) AS covers_to
        FROM source_file WHERE status = 'loaded' GROUP BY ALL""",
        "connector",
    ),
    "rejections": (
        """
        SELECT r.participant_id, left(r.sha256, 12) AS content, any_value(f.connector) AS connector, r.place, r.reason,
               r.what_to_do
        FROM rejection r LEFT JOIN source_file f USING (participant_id, sha256)
        WHERE r.participant_id IS NOT NULL GROUP BY ALL""",
        "content, place, reason, what_to_do",
    ),
    "shared_files": (
        """
        SELECT DISTINCT participant_id, left(sha256, 12) AS content, connector FROM source_file
        WHERE status = 'loaded' AND sha256 IN (
            SELECT sha256 FROM source_file WHERE status = 'loaded'
            GROUP BY sha256 HAVING count(DISTINCT participant_id) > 1)""",
        "content, connector",
    ),
}

# One row per participant of those asked for: everything the sections answer, as one fingerprint.
FINGERPRINTS = (
    "SELECT participant_id, "
    + " || ".join(f"coalesce({name}.print, '')" for name in SECTIONS)
    + " AS print FROM participant "
    + " ".join(
        f"""LEFT JOIN (SELECT participant_id, md5(string_agg(row_of::TEXT, chr(10) ORDER BY row_of::TEXT)) AS print
            FROM ({sql}) row_of GROUP BY participant_id) {name} USING (participant_id)"""
        for name, (sql, _) in SECTIONS.items()
    )
    + " WHERE participant_id IN (SELECT unnest($who)) ORDER BY participant_id"
)
