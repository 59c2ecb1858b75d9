"""The README of a de-identified copy: what was done, what remains. It holds no date and no name."""

from __future__ import annotations

from models.store.share import Terms

_HEAD = """# A de-identified copy, made by stepwindow

Movement in the weeks after ketamine infusions. Counts, not advice. Every relation and column says in its
comment what it means: `SELECT table_name, column_name, comment FROM duckdb_columns()`.
"""
_ROWS = """
## rows.duckdb: a row per person and day. Not anonymous

For people who are bound by an agreement (a data use agreement, the study team). Not to be published.

* Participants, infusions, goals, courses and sessions have random keys. {keys}
* Dates became study days: days since the person's own first infusion, which is day 0. There is no date, no year, no
  time of the day, no time zone, no UTC offset, and no date of the last run, which would line up everybody's calendar.
* Only infusions that happened{finished} are here, with the days after each and
  the 14 days before a person's first.
* Nothing tells a day of 23 or 25 hours: the length of the day is left out, wear is in whole hours and at most 23, and
  flags about clocks, travel and entries without a time are left out. The number of weekend days is left out.
* Left out whole: files and their fingerprints, runs, how the study is set up, the list of codes (comments say what
  they mean), the clinic's own columns (`covariate`), rejections, the audit, the history of verdicts, holds and
  their reasons, source priorities, whether step goals apply to somebody, when somebody left, the language of their
  letter, at what time a session began and whether it ran past midnight, which of all infusions one was, when a
  baseline was frozen, what a vendor calls an activity, goals that rule no week shown here; days by the hour
  (`hourly_activity`: hours are times of the day); `person_day`, whose last day is that of the last run, and
  `verdict_evidence`: both are made of relations that are here.
* Sources, activities, scales and roles of who led a session are called `other` where fewer than {k} people have them.

What remains, and identifies:

* **Who has the same numbers elsewhere finds the person.** Daily steps are as exact as the watch told them, and a series
  of them belongs to one person only. Whoever holds the account it came from can match it.
* Rare things stay visible in the numbers: that one person dances, has massages, or began a second course late.
* Activity has a weekly rhythm and seasons: the day of the week, and with enough weeks more, can be guessed.
* Two copies of one study can be laid side by side by their numbers, whatever their keys; what is only in the later one
  happened in between. Share one copy, once.
* These are people who were treated with ketamine. Being in the copy at all is sensitive.
"""
_UNFINISHED = """
## Made with --unfinished

Infusions whose weeks, or the days of grace after them, still run are in it, in the rows and in the tables. How far they
have come, and when the copy was made, date them to within days. This is no Safe Harbor copy.
"""
_TABLES = """
## tables.duckdb: counts and means, small cells suppressed

May be passed on where a limit of {k} people is the rule. Whoever has rows.duckdb too can count for themselves: do not
hand the two to one person and expect the suppression to hold.

* `verdicts` and `days` are counts with their totals. A number that stands for 1 to {less} people is NULL, and as many
  others are NULL as it takes: from all numbers shown, each hidden small one could still be any of at least {k} numbers.
  0 is shown. The totals are hidden or shown by the same rule.
* `activity` has means over people, by week, where at least {k} people have one. How many is told in steps of {k}.
* With fewer than {k} people nearly everything is NULL or absent. That is the point.

What remains: two tables made at different times differ by the people who were added. Publish one.
"""
_FOOT = """
De-identified is a word of law: whether this copy is, for you, is for your privacy officer to say.
"""


def readme(terms: Terms) -> str:
    """The text for a copy made on these terms."""
    keys = (
        "They are the ones of earlier copies made with `--same-keys`,\n  and the clinic keeps which is whose."
        if terms.same_keys
        else "They are derived from nothing and kept\n  nowhere: from a key alone, not even the clinic can go back."
    )
    finished = "" if terms.unfinished else " and whose weeks are over"
    rows = _ROWS.format(keys=keys, finished=finished, k=terms.k)
    tables = _TABLES.format(k=terms.k, less=terms.k - 1)
    return _HEAD + (_UNFINISHED if terms.unfinished else "") + ("" if terms.only_tables else rows) + tables + _FOOT
