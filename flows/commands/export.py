"""Hand the published database over: Parquet, CSV, or FHIR R4 bundles.

stepwindow export out --format parquet
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from flows.commands import CLEAN, with_study
from flows.say import say


def arguments(parser: argparse.ArgumentParser) -> None:
    """In which form, and where to."""
    with_study(parser)
    parser.add_argument("--format", choices=("parquet", "csv", "fhir"), required=True, help="what is written")
    parser.add_argument("out", type=Path, metavar="OUT", help="a new folder, or that of an earlier hand-over")


def call(arguments: argparse.Namespace) -> int:
    """The whole folder, or nothing of it."""
    from flows.handover import bundles, tables
    from flows.handover.folder import handed_over
    from flows.night.steps import CODE_VERSION
    from models.store.audit import note
    from models.store.lock import held
    from models.store.read import published_file
    from models.study.folder import read_study

    study = read_study(arguments.study)
    published_file(study.warehouse)
    with held(study.warehouse, "export"), handed_over(arguments.out, study) as folder:
        if arguments.format == "fhir":
            said = bundles.write(study, folder)
        else:
            said = tables.write(study, folder, arguments.format)
        told = f"everything published, as {arguments.format}"
        note(study.warehouse, "export", told, CODE_VERSION, people=len(study.participants))
    if arguments.json:
        print(json.dumps({"out": str(arguments.out), "format": arguments.format, "wrote": said}, indent=2))
    else:
        say(f"{arguments.out}: {said}. It holds health data: hand it over as such.")
    return CLEAN
