"""The letter to a patient: what stands on it, whom it is written to, and that it is one page that stays the same."""

from __future__ import annotations

import re
import shutil
import stat
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from flows.cli import main
from flows.letter import forms
from flows.letter.agreed import number
from flows.letter.facts import Facts, facts
from flows.letter.language import language
from flows.letter.page import Page, page
from flows.letter.seen import seen
from models.store.read import published
from models.study.folder import read_study
from tests.studies import StudyFolder, garmin_day
from tests.test_letter_words import hurts
from tests.writers import diary

AS_OF = date(2026, 3, 17)
WEEK = [f"2026-03-{day}" for day in range(10, 17)]  # week 1 after an infusion on 03-09
KINDS = ("weekly_total,steps,35000,", "daily_mean,steps,5000,", "days_with,steps,5,5000", "streak,steps,3,5000")
PEOPLE = {  # who: language
    "full": "en", "partly": "de", "diary": "es", "twice": "fr", "first": "en", "silent": "fr", "chair": "de",
    "noinfusion": "en", "heldgoal": "en", "excused": "es",
}  # fmt: skip


def goals(who: str, *kinds: str) -> list[str]:
    """Rows of goals.csv, as `kind,metric,target,per_day`."""
    return [f"{who}-{n},,{who},,1,4,{kind},,2026-03-01,,," for n, kind in enumerate(kinds)]


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> StudyFolder:
    """After one night over everybody: a week ended the day before for all but `first` and `noinfusion`."""
    study = StudyFolder(tmp_path_factory.mktemp("letter") / "study", as_of=AS_OF, name="<b>R&D</b> #panic(1)")
    begun = [who for who in PEOPLE if who not in ("noinfusion", "first")]
    study.infusions = [f"{who}-1,{who},2026-03-09,," for who in begun] + ["first-1,first,2026-03-15,,"]
    study.infusions += ["twice-2,twice,2026-03-15,,"]
    study.goals = [
        *goals("full", *KINDS, *(f"days_with,{m}_minutes,{n},10" for m in ("walking", "yoga") for n in (1, 2, 3))),
        *goals("partly", *KINDS), *goals("diary", "days_with,yoga_minutes,2,10", "weekly_total,dance_minutes,40,"),
        *goals("twice", "weekly_total,steps,35000,"), *goals("first", KINDS[1]), *goals("chair", KINDS[1]),
        *goals("heldgoal", "daily_mean,stepz,5000,"), *goals("excused", KINDS[0], "streak,steps,1,100"),
    ]  # fmt: skip
    study.goals += ["twice-own,,twice,,1,4,days_with,steps,3,,baseline_pct:10,2026-03-01,,,"]
    study.holds = ["excused,2026-03-12,2026-03-13,ill"]
    study.write()
    rows = [f"{who},,,{'false' if who == 'chair' else ''},{code}" for who, code in PEOPLE.items()]
    head = "participant_id,timezone,source_priority,foot_step_goals,language"
    (study.folder / "participants.csv").write_text("\n".join([head, *rows]) + "\n")
    for day in WEEK:
        study.put(f"full/{day}.fit", garmin_day(day))
    for day, steps in zip(WEEK[1:5], (4000, 6000, 7000, 50000), strict=True):
        study.put(f"partly/{day}.fit", garmin_day(day, steps=steps))
    for day in WEEK[:3]:
        study.put(f"twice/{day}.fit", garmin_day(day))
        study.put(f"excused/{day}.fit", garmin_day(day))
    study.put("diary/diary.csv", diary.diary([(date(2026, 3, 11), "yoga", 20)]))
    assert not study.night().is_clean  # a goal that cannot be used
    return study


@pytest.fixture(scope="module")
def known(study: StudyFolder) -> dict[str, Facts]:
    return {one.person["participant_id"]: one for one in facts_of(study, list(PEOPLE), AS_OF)}


def facts_of(study: StudyFolder, who: list[str], as_of: date) -> list[Facts]:
    with published(study.folder / "warehouse") as asked:

        def ask(sql: str, **given: object) -> list[dict]:
            names, rows = asked(sql, {key: value for key, value in given.items() if f"${key}" in sql})
            return [dict(zip(names, row, strict=True)) for row in rows]

        return facts(ask, who, as_of)


def parts(page: Page) -> list[list[str]]:
    """Every text of each part, the heading first."""
    return [
        [part.heading, *(f"{s.weekday} {s.date} {s.word} {s.amount}".strip() for s in part.squares),
         *(f"{cell.text} {cell.remark}".strip() for row in part.rows for cell in row), *part.lines, *part.steps,
         *part.last]
        for part in page.parts
    ]  # fmt: skip


def texts(page: Page) -> list[str]:
    return [page.title, page.week, page.span, page.intro, *(text for part in parts(page) for text in part), page.foot]


def pages_of(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


def run(study: StudyFolder, *words: str, code: int = 0) -> None:
    assert main(["letter", *words, "--study", str(study.folder)]) == code


def test_a_week_that_was_seen_is_told_goal_by_goal_and_the_next_one_is_asked_for(known) -> None:
    made = page(known["full"], "Riverside")
    assert (made.span, made.week) == ("10 to 16 March 2026", "Week 1 after your infusion on 9 March")
    agreed, was_seen, unseen, ask = parts(made)
    assert agreed[1:7] == ["Steps", "35,000 steps in the week", "35,000 steps in the week",
                           "Steps", "5,000 steps a day, on average", "5,000 steps a day, on average"]  # fmt: skip
    assert agreed[7:13] == ["Steps", *["5 days with 5,000 steps or more"] * 2,
                            "Steps", *["3 days in a row with 5,000 steps or more"] * 2]  # fmt: skip
    assert agreed[-1] == "And 2 more. Your clinic has the full list."
    assert was_seen[1] == "Tuesday 10 March seen 6,000 steps"
    assert was_seen[8:16] == ["Steps", "42,000 steps in the week", "Steps", "6,000 steps a day, on average",
                              "Steps", "7 days with 5,000 steps or more",
                              "Steps", "7 days in a row with 5,000 steps or more"]  # fmt: skip
    assert "nothing written down yet" in was_seen
    assert was_seen[-1] == "Days seen in full: 7 of 7."
    assert unseen[1:] == ["Nothing was written down: Yoga.", language("en").say("unseen.meaning")]
    assert ask[1] == "Please hand over after 23 March: your Garmin data. This is how:"
    assert ask[-1].startswith("Please hand over your diary, too.")


def test_a_week_with_gaps_says_at_least_and_names_the_days_and_estimates_nothing(known) -> None:
    made = page(known["partly"], "Riverside")
    _, was_seen, unseen, ask = parts(made)
    # 4,000, 6,000 and 7,000 were seen; the day of 50,000 is not clear and not counted
    assert was_seen[8:-1] == ["Schritte", "mindestens 17.000 Schritte in der Woche", "Schritte",
                              "5.667 Schritte am Tag, im Mittel (3 Tage gesehen)", "Schritte",
                              "mindestens 2 Tage mit 5.000 Schritten oder mehr",
                              "Schritte", "mindestens 2 Tage am Stück mit 5.000 Schritten oder mehr"]  # fmt: skip
    assert was_seen[5] == "Samstag 14. März nicht klar"
    assert unseen[1] == "Nicht gesehen: Dienstag, Sonntag und Montag."
    assert unseen[2].startswith("Nicht klar: Samstag.")
    assert ask[1] == "Bitte geben Sie uns: Ihre Garmin-Daten. Wir brauchen die Tage ab Dienstag, 10. März. So geht es:"


def test_a_diary_is_asked_for_where_only_a_diary_can_tell(known) -> None:
    made = page(known["diary"], "Riverside")
    _, was_seen, unseen, ask = parts(made)
    assert was_seen[1:] == ["Yoga", "1 día con 10 minutos o más", "Baile", "0 minutos en la semana"]
    assert unseen[1:] == ["Hay notas de esta semana."]
    assert ask[1] == "Por favor, entregue después del 23 de marzo: su diario. Se hace así:"


def test_a_week_that_the_next_infusion_cut_is_told_by_the_days_that_count(known) -> None:
    made = page(known["twice"], "Riverside")
    agreed, was_seen, *_ = parts(made)
    assert made.span == "10 au 14 mars 2026"
    assert agreed[2] == "35\u202f000 pas dans la semaine pour 5 jours\u00a0: 25\u202f000 pas"
    assert [text for text in was_seen if "non compté" in text] == [
        "dimanche 15 mars non compté",
        "lundi 16 mars non compté",
    ]
    assert was_seen[-2:] == ["Jours vus en entier\u00a0: 3 sur 5.", language("fr").say("seen.next_infusion")]
    assert known["twice"].now["infusion_id"] == "twice-2"  # type: ignore[index]
    assert agreed[-2:] == [language("fr").say("agreed.open")] * 2  # nothing was seen before the first infusion
    assert "ne peut pas encore être compté" in was_seen


def test_on_the_day_of_an_infusion_its_week_comes_next_and_is_called_so(study) -> None:
    (one,) = facts_of(study, ["twice"], date(2026, 3, 15))
    assert parts(page(one, "Riverside"))[0][1] == "Pas"
    assert page(one, "Riverside").parts[0].head == ["Objectif", "10 au 14 mars", "Ensuite\u00a0: 16 au 22 mars"]


def test_excused_days_are_no_gaps_and_a_row_of_one_day_is_one_day(known) -> None:
    made = page(known["excused"], "Riverside")
    agreed, was_seen, unseen, _ = parts(made)
    assert "1 día con 100 pasos o más" in agreed
    assert was_seen[-1] == "Su clínica sacó algunos días de la cuenta."
    assert unseen[1] == "No se vio: sábado, domingo y lunes."


def test_the_first_week_and_a_person_without_goals_or_files_have_a_sensible_letter(known) -> None:
    first, silent, chair = (page(known[who], "Riverside") for who in ("first", "silent", "chair"))
    assert first.title == "Your first week"
    agreed, was_seen, ask = parts(first)
    assert agreed[1:] == ["Steps", "5,000 steps a day, on average"]
    assert was_seen[1:] == ["The first week runs until 22 March. Then its numbers will stand here."]
    assert ask[1].startswith("Please hand over: the data of your watch or phone.")
    agreed, was_seen, unseen, ask = parts(silent)
    assert agreed[1:] == ["Pour cette semaine, aucun nombre n’était convenu."]
    assert was_seen[-1] == "Jours vus en entier\u00a0: 0 sur 7."
    assert unseen[1] == "Pas vu\u00a0: tous les jours."
    assert "Ce n’est" not in ask[1]
    assert parts(chair)[0][1:] == ["Für diese Woche war keine Zahl vereinbart."]  # steps mean nothing for them


def test_where_every_day_was_seen_the_number_is_that_of_the_verdict(sample: StudyFolder) -> None:
    """In every week of the sample study, so that no letter says something else than the clinic's page."""
    words, compared = language("en"), set()
    for days in range(8, 50, 5):
        for one in facts_of(sample, [f"P0{n}" for n in range(1, 7)], date(2026, 2, 1) + timedelta(days)):
            for goal in one.goals_ended:
                if goal["value"] is None or goal["valid_days"] != goal["eligible_days"]:
                    continue
                assert seen(goal, words) == number(goal, goal["value"], words)
                assert len(goal["days"]) == goal["eligible_days"]
                compared.add((goal["goal_id"], goal["infusion_id"], goal["week"]))
    assert len(compared) > 25


def test_no_word_on_any_letter_hurts_advises_or_claims(known) -> None:
    for one in known.values():
        if one.refusal is None:
            for code in ("en", "de", "es", "fr"):
                made = page(replace(one, person={**one.person, "language": code}), "Riverside")
                assert {text: found for text in texts(made) if (found := hurts(code, text))} == {}


def test_whoever_is_asked_for_alone_and_gets_no_letter_is_one_line(study, tmp_path, capsys) -> None:
    lines = {
        "noinfusion": "noinfusion: no letter: no infusion that happened",
        "heldgoal": "heldgoal: no letter: held, so the numbers are not those of today; `stepwindow status`",
        "nobody": "nobody: no usable row in participants.csv; check the spelling",
    }
    for who, line in lines.items():
        run(study, who, "--out", str(tmp_path / "out"), code=2)
        (said,) = capsys.readouterr().err.splitlines()
        assert said.startswith(f"stepwindow: {line}")
    out = tmp_path / "letters"
    run(study, "full", "--out", str(out))
    (out / "full.html").unlink()  # killed after the PDF
    run(study, "full", "--out", str(out))
    for name in ("full.html", "partly.pdf"):
        (out / name).write_text("somebody's own")
        run(study, name.partition(".")[0], "--out", str(out), code=2)
        assert (out / name).read_text("utf-8") == "somebody's own"
    assert len(capsys.readouterr().err.splitlines()) == 2
    run(study, "full", "--out", str(study.folder / "inbox" / "letters"), code=2)
    assert "not for hand-overs" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
    empty = StudyFolder(tmp_path / "empty").write()
    run(empty, "--all", code=2)
    assert "run `stepwindow nightly` first" in capsys.readouterr().err


def test_somebody_who_left_is_written_to_no_more(known) -> None:
    left = replace(known["full"], person={**known["full"].person, "left_on": date(2026, 3, 16)})
    leaves = replace(left, person={**left.person, "left_on": AS_OF})  # today's day still counts
    assert (known["full"].is_due, left.is_due, leaves.is_due) == (True, False, True)
    assert left.refusal == "left on 2026-03-16, and nobody writes to them"
    assert leaves.refusal is None
    assert not replace(known["full"], as_of=AS_OF + timedelta(7)).is_due  # the week ended on 03-16, eight days before


def test_all_are_written_of_whom_a_week_ended_and_again_only_where_something_changed(study, capsys) -> None:
    place = study.folder / "warehouse" / "letters"
    run(study, "--all", code=1)  # somebody is held
    told = capsys.readouterr()
    due = sorted(set(PEOPLE) - {"noinfusion", "first", "heldgoal"})
    assert sorted(path.name for path in place.iterdir()) == sorted(f"{w}.{e}" for w in due for e in ("html", "pdf"))
    assert f"{len(due)} written, 0 unchanged" in told.out
    assert told.err.startswith("heldgoal: no letter: held")
    assert {stat.S_IMODE(path.stat().st_mode) for path in place.iterdir()} == {0o600}
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    assert {pages_of(path.read_bytes()) for path in place.glob("*.pdf")} == {1}
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in place.iterdir()}
    (place / "full.pdf").unlink()
    run(study, "--all", code=1)
    assert "1 written" in capsys.readouterr().out
    after = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in place.iterdir()}
    assert {path.name for path in before if before[path][1] != after[path][1]} == {"full.pdf"}
    assert {path: content for path, (content, _) in before.items()} == {
        path: content for path, (content, _) in after.items()
    }
    shutil.rmtree(place)


def test_a_form_is_one_page_and_the_same_bytes_and_shows_a_name_as_it_is(known, study) -> None:
    made = page(known["full"], study.name)
    assert forms.pdf(made) == forms.pdf(made)
    assert forms.html(made) == forms.html(made)
    assert pages_of(forms.pdf(made)) == 1
    assert "&lt;b&gt;R&amp;D&lt;/b&gt; #panic(1)" in forms.html(made)  # the PDF of it would have panicked
    assert "日" in forms.html(page(known["full"], "日"))
    assert pages_of(forms.pdf(page(known["full"], "日"))) == 1
    assert b"2026-03-16" in forms.pdf(made)  # made on the last day that it is about, whenever that was
    assert str(AS_OF) not in forms.html(made)


def test_the_longest_letter_is_one_page_and_its_text_can_be_read(known) -> None:
    """Eight goals of the longest name, both weeks with remarks, seven days, the longest way, in each language."""
    one = known["full"]
    goal = {**one.goals_ended[0], "metric": "mvpa_equivalent_minutes", "target_effective": Decimal("25000.5")}
    rows = [{**goal, "goal_id": f"g{n}", "kind": kind} for n, kind in enumerate(["weekly_total"] * 8 + ["streak"] * 4)]
    files = [{"connector": name, "covers_to": AS_OF} for name in ("strava", "whoop", "diary", "polar")]
    for code in ("en", "de", "es", "fr"):
        person = {**one.person, "language": code}
        long = replace(one, person=person, goals_ended=rows, goals_now=rows, files=files)
        made = page(long, "A clinic whose name is long enough to need two lines of the page, or nearly so")
        assert pages_of(forms.pdf(made)) == 1
        assert float(forms.compiler(made).query("<size>", field="value", one=True)) >= 8


def test_the_page_needs_no_network_and_no_script(known) -> None:
    html = forms.html(page(known["full"], "Riverside"))
    assert "default-src 'none'" in html
    assert re.findall(r"<script|<link|<img|<iframe|\bsrc=|\bhref=|url\(|@import|https?:", html) == []
    assert '<html lang="en">' in html


def test_two_pages_are_seen_as_two() -> None:
    import typst

    assert pages_of(typst.Compiler(b"a #pagebreak() b").compile(format="pdf")) == 2


def test_the_language_is_published_and_another_than_the_four_is_a_bad_cell(study, tmp_path) -> None:
    with published(study.folder / "warehouse") as asked:
        assert dict(asked("SELECT participant_id, language FROM participant")[1]) == PEOPLE
    path = StudyFolder(tmp_path / "alone").write().folder / "participants.csv"
    path.write_text("participant_id,language\nP1,DE\nP2,da\n")
    found = read_study(path.parent)
    assert {p.participant_id: p.language for p in found.rows.participants} == {"P1": "de", "P2": "en"}
    assert [(fault.file, fault.place) for fault in found.faults] == [("participants.csv", "line 3, language")]
    assert set(found.held_people) == {"P2"}


def test_what_was_seen_in_part_is_not_called_nothing(known) -> None:
    """3,000 steps of a day seen in part are no mean and no day of 5,000, and are not nothing."""
    day = {"local_date": date(2026, 3, 10), "amount": Decimal(3000), "in_full": False}
    for goal in known["full"].goals_ended[:4]:
        partly = {**goal, "value": None, "days": [day]}
        total = goal["kind"] == "weekly_total"
        assert seen(partly, language("en")) == (
            "at least 3,000 steps in the week" if total else "cannot be counted yet"
        )
        assert seen({**partly, "days": [{**day, "amount": None}]}, language("en")) == "nothing seen yet"


def test_a_week_of_one_day_is_a_day_and_one_too_short_names_the_number_as_that_of_a_full_week(known) -> None:
    one = known["twice"]
    week = {**one.ended, "last_day": one.ended["first_day"]}  # type: ignore[dict-item, index]
    goals_ = [{**goal, "reason": "window_too_short"} for goal in one.goals_ended if goal["kind"] == "weekly_total"]
    made = page(replace(one, ended=week, goals_ended=goals_), "Riverside")
    assert made.span == "10 mars 2026"
    assert parts(made)[0][2] == "35\u202f000 pas dans la semaine pour une semaine complète"


def test_notes_are_asked_for_where_they_lack_and_not_where_the_clinic_has_written_them(known) -> None:
    one = replace(known["diary"], files=[])  # all that is known of the week stands in attendance.csv
    assert parts(page(one, "Riverside"))[3][1].startswith("Por favor, entregue después del 23 de marzo: su diario.")
    unlogged = [{**goal, "days": [{**day, "amount": None} for day in goal["days"]]} for goal in one.goals_ended]
    ask = parts(page(replace(known["diary"], goals_ended=unlogged), "Riverside"))[3]
    assert ask[1].startswith("Por favor, entregue: su diario. Necesitamos los días desde el martes 10 de marzo.")
    *_, was_seen, ask = parts(page(replace(known["diary"], goals_ended=[]), "Riverside"))  # agreed from next week on
    assert was_seen[1:] == [language("es").say("agreed.nothing")]
    assert "después del 23 de marzo" in ask[1]


def test_days_that_have_not_come_are_not_asked_for(known) -> None:
    first = replace(known["first"], as_of=date(2026, 3, 15))  # the day of the infusion
    assert parts(page(first, "Riverside"))[2][1].startswith("Please hand over after 22 March:")
