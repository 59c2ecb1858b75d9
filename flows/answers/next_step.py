"""What to do next, for whoever types `stepwindow` alone, and what a new study still lacks."""

from __future__ import annotations

from pathlib import Path

from models.programme import TOML as PROGRAMME
from models.study.settings import TOML as STUDY
from models.study.study import Study

_ALL = "all commands: stepwindow --help    exit codes and files: stepwindow help"


def lacking(study: Study, found: int | None) -> str | None:
    """What a study has none of yet; None: nothing. `found`: files in its inbox, where that is known."""
    readme = "README.txt in the study folder explains how"
    if not study.homes:
        return f"participants.csv has no usable line yet: add one per person (P01 is a whole line); {readme}"
    if found == 0:
        who = study.people[0]
        return f"the inbox is empty: put exports into inbox/<participant_id>/, for example inbox/{who}/"
    if not study.counts["infusions"]:
        return f"infusions.csv has no usable line yet: weeks begin with an infusion; {readme}"
    if not study.counts["goals"]:
        return f"goals.csv has no usable line yet: no week is judged without a goal; {readme}"
    return None


def in_folder(folder: Path) -> list[str]:
    """What to do in this folder, in lines. StudyError where its study or programme cannot be read."""
    if (folder / STUDY).exists():
        from models.study.folder import read_study

        return [*_of_study(read_study(folder)), _ALL]
    if (folder / PROGRAMME).exists():
        return [
            "a programme of sites. Next:",
            "  stepwindow programme run      the nights of all sites",
            "  stepwindow programme status   how each site stands",
            _ALL,
        ]
    above = next((up for up in folder.absolute().parents if (up / STUDY).exists()), None)
    if above:
        return [f"no study here, but one above: cd {above}", _ALL]
    if below := sorted(path.parent.name for name in (STUDY, PROGRAMME) for path in folder.glob(f"*/{name}")):
        return [f"no study here, but one below: cd {below[0]}", _ALL]
    return [
        "no study here. Next:",
        "  stepwindow init my-study      make one; each file explains itself",
        "  stepwindow demo a-sample      one that is made up, to look around in",
        _ALL,
    ]


def _of_study(study: Study) -> list[str]:
    from flows.answers.finding import NOW
    from flows.answers.status import look
    from flows.output import several

    found = look(study)
    missing = lacking(study, found.waiting if found.last_run is None else None)
    if found.last_run is None:
        return [f"{study.name}: there was no night yet. Next:", f"  {missing or 'stepwindow nightly'}"]
    steps = [missing] if missing else []
    if found.waiting:
        steps.append(f"stepwindow nightly          {several(found.waiting, 'file')} not loaded yet")
    if pressing := sum(finding.urgency == NOW for finding in found.findings):
        steps.append(f"stepwindow status           {several(pressing, 'thing')} to mend now")
    elif found.worklist:
        steps.append(f"stepwindow status           {several(len(found.worklist), 'item')} on the worklist")
    steps.append("stepwindow report --open    the pages of the last night")
    last = found.last_run["as_of"]
    return [f"{study.name}: last night as of {last}. Next:", *(f"  {step}" for step in steps)]
