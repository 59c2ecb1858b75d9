"""The pages over everybody: verdicts and coverage by post-infusion week, and the people, who needs attention first."""

from __future__ import annotations

from datetime import date
from typing import Any

from flows.report import words

Row = dict[str, Any]
PER_PAGE = 100

VERDICTS = """
    SELECT week, status, count(*) AS n FROM goal_week WHERE status NOT IN ('superseded', 'upcoming')
    GROUP BY ALL ORDER BY ALL"""
COVERAGE = """
    SELECT week, coalesce(day_state, 'no_data') AS day_state, count(*) AS n
    FROM infusion_window LEFT JOIN daily_activity USING (participant_id, local_date)
    WHERE is_eligible AND local_date < $as_of GROUP BY ALL ORDER BY ALL"""
TOTALS = """
    SELECT (SELECT count(*) FROM participant) AS people,
           (SELECT count(*) FROM infusion WHERE status IN ('completed', 'stopped_early') AND infused_on <= $as_of)
               AS infusions,
           (SELECT count(DISTINCT goal_id) FROM goal_week) AS goals,
           (SELECT count(*) FROM source_file WHERE status = 'loaded') AS files"""
# What concerns nobody's page: control files, folders of unknown people.
NOBODYS = """
    SELECT DISTINCT place, reason, what_to_do FROM rejection r ANTI JOIN participant p USING (participant_id)
    ORDER BY ALL LIMIT 50"""
# One row per participant. Followed: a day after the last infusion is over, and its last week ended a week ago at most.
PEOPLE = """
    WITH latest AS (
        SELECT DISTINCT ON (participant_id) participant_id, infusion_id, infused_on FROM infusion
        WHERE status IN ('completed', 'stopped_early') AND infused_on <= $as_of
        ORDER BY participant_id, infused_on DESC),
    followed AS (
        SELECT w.participant_id, max(w.local_date) AS followed_until,
               count(*) FILTER (local_date < $as_of) AS days_over,
               count(*) FILTER (local_date < $as_of AND day_state = 'valid') AS days_seen,
               count(*) FILTER (local_date < $as_of AND day_state = 'insufficient_wear') AS days_partly
        FROM infusion_window w JOIN latest USING (participant_id, infusion_id)
        LEFT JOIN daily_activity d USING (participant_id, local_date) WHERE w.is_eligible GROUP BY ALL),
    data AS (
        SELECT participant_id, max(covers_to) AS data_until FROM source_file WHERE status = 'loaded' GROUP BY ALL),
    refused AS (SELECT participant_id, count(*) AS rejected FROM rejection GROUP BY ALL),
    shared AS (
        SELECT participant_id, count(DISTINCT sha256) AS shared FROM source_file
        WHERE status = 'loaded' AND sha256 IN (
            SELECT sha256 FROM source_file WHERE status = 'loaded'
            GROUP BY sha256 HAVING count(DISTINCT participant_id) > 1)
        GROUP BY ALL),
    judged AS (
        SELECT participant_id,
               bool_or(device_changed AND status NOT IN ('upcoming', 'superseded')) AS device_changed,
               count(*) FILTER (reason = 'awaiting_data') AS waiting,
               count(*) FILTER (reason = 'no_log') AS unlogged,
               count(*) FILTER (reason = 'baseline_unavailable') AS without_baseline
        FROM goal_week GROUP BY ALL),
    marks AS (
        SELECT participant_id, list({'goal': goal_id, 'week': week, 'status': status} ORDER BY goal_id, week) AS marks
        FROM goal_week JOIN latest USING (participant_id, infusion_id) WHERE status <> 'superseded' GROUP BY ALL)
    SELECT participant_id, infusion_id, infused_on, ($as_of - infused_on)::INTEGER AS since, days_over, days_seen,
           days_partly, data_until, ($as_of - data_until - 1)::INTEGER AS silent, coalesce(rejected, 0) AS rejected,
           coalesce(shared, 0) AS shared, coalesce(device_changed, FALSE) AS device_changed,
           coalesce(waiting, 0) AS waiting, coalesce(unlogged, 0) AS unlogged,
           coalesce(without_baseline, 0) AS without_baseline, marks, held_reason IS NOT NULL AS held,
           coalesce(followed_until + 7 >= $as_of, FALSE) AND infused_on < $as_of - 1 AS is_followed
    FROM participant
    LEFT JOIN latest USING (participant_id) LEFT JOIN followed USING (participant_id)
    LEFT JOIN data USING (participant_id) LEFT JOIN refused USING (participant_id)
    LEFT JOIN shared USING (participant_id) LEFT JOIN judged USING (participant_id)
    LEFT JOIN marks USING (participant_id)
    WHERE participant_id IN (SELECT unnest($who)) ORDER BY participant_id"""

# What may need a person, most pressing first: (name, in the list of all, beside one person).
ATTENTION = (
    ("unwritten", "whose page could not be written", lambda p: "the page could not be written"),
    ("held", "whose numbers stand as they were before", lambda p: "numbers as they were before: see the page"),
    ("never", "without any data", lambda p: "no data have ever arrived"),
    ("silent", "silent for a week or more", lambda p: f"no data for {words.count(p['silent'], 'day')}"),
    ("rejected", "with a file that could not be used", lambda p: f"{words.count(p['rejected'], 'file')} not usable"),
    ("shared", "with a file that lies in two folders", lambda p: "the same file in two people's folders"),
    ("without_baseline", "with a goal that has no number", lambda p: "a goal has no number: too few days before"),
    ("waiting", "with a verdict that waits for days", lambda p: f"days due: {words.count(p['waiting'], 'verdict')}"),
    ("unlogged", "with a week without a diary", lambda p: f"no diary for {words.count(p['unlogged'], 'verdict')}"),
    ("device_changed", "with another device than before", lambda p: "another device than before the first infusion"),
)  # fmt: skip


def attention(person: Row) -> list[str]:
    """Names of what may need a person, most pressing first."""
    if person.get("unwritten"):
        return ["unwritten"]
    holds = {
        **person,
        "never": person["is_followed"] and person["data_until"] is None,
        "silent": person["is_followed"] and (person["silent"] or 0) >= 7,
    }
    return [name for name, _, _ in ATTENTION if holds.get(name)]


def unwritten(participant_id: str) -> Row:
    """In the place of a row of `PEOPLE` where there is none to be had."""
    nothing = dict.fromkeys(("infused_on", "since", "days_over", "days_seen", "days_partly", "data_until", "silent"))
    return {"participant_id": participant_id, "unwritten": True, "marks": [], **nothing}


def pages(people: list[Row], as_of: date) -> list[list[Row]]:
    """The people in pages of a hundred, who needs attention first; at least one page."""
    rank = {name: n for n, (name, _, _) in enumerate(ATTENTION)}
    in_words = {name: words_of for name, _, words_of in ATTENTION}
    for person in people:
        names = attention(person)
        person["rank"] = rank[names[0]] if names else len(rank)
        person["needs"] = [in_words[name](person) for name in names]
        person["names"] = names
        person["when"] = _when(person)
        person["goals"] = _by_week(person["marks"] or [])
    ordered = sorted(people, key=lambda p: (p["rank"], -(p["silent"] or 0), p["participant_id"]))
    return [ordered[n : n + PER_PAGE] for n in range(0, len(ordered), PER_PAGE)] or [[]]


def _by_week(marks: list[Row]) -> Row:
    """Status per goal and week from week 1 to the last of any goal; None where a goal has no such week."""
    last = max((m["week"] for m in marks), default=0)
    goals: Row = {m["goal"]: [None] * last for m in marks}
    for m in marks:
        goals[m["goal"]][m["week"] - 1] = m["status"]
    return goals


def _when(person: Row) -> str:
    since = person["since"]
    if since is None:
        return "no infusion yet"
    return "today" if since == 0 else f"day {since}, week {(since + 6) // 7}"


def needs(people: list[Row]) -> list[Row]:
    """How many people each kind of attention concerns, and the first of them; without kinds that concern nobody."""
    named = {name: [p["participant_id"] for p in people if name in p["names"]] for name, _, _ in ATTENTION}
    return [
        {"words": what, "n": len(named[name]), "who": named[name][:5]} for name, what, _ in ATTENTION if named[name]
    ]


def shares(rows: list[Row], key: str, labels: dict[str, str]) -> Row:
    """One stacked bar per post-infusion week, and the same numbers as a table: weeks, and `numbers` for the chart."""
    kinds = [kind for kind in labels if any(r[key] == kind for r in rows)]
    weeks = []
    for week in sorted({r["week"] for r in rows}):
        counts = {kind: sum(r["n"] for r in rows if r["week"] == week and r[key] == kind) for kind in kinds}
        weeks.append({"week": week, "counts": counts, "total": sum(counts.values())})
    points = [
        {
            "week": f"week {w['week']}", "what": kind, "rank": rank, "n": n, "label": f"{words.SIGNS[kind]} {n:,}",
            "Week": str(w["week"]), "What": labels[kind], "Number": f"{n:,} of {w['total']:,}",
            "Share": f"{100 * n // w['total']} %",
        }
        for w in weeks
        for rank, (kind, n) in enumerate(w["counts"].items())
        if n
    ]  # fmt: skip
    return {
        "kinds": {kind: labels[kind] for kind in kinds},
        "weeks": weeks,
        "numbers": {"params": {}, "shares": points},
    }
