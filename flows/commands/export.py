"""Hand the published database over: Parquet, CSV, or FHIR R4.

stepwindow export out --format parquet
"""

from __future__ import annotations

import argparse
from pathlib import Path

from flows.commands import CLEAN, with_study
from flows.output import print_json, say


def arguments(parser: argparse.ArgumentParser) -> None:
    """In which form, and where to."""
    with_study(parser)
    parser.add_argument("--format", choices=("parquet", "csv", "fhir"), required=True, help="what is written")
    parser.add_argument("out", type=Path, metavar="OUT", help="a new folder, or that of an earlier hand-over")


def call(arguments: argparse.Namespace) -> int:
    """The complete folder, or nothing of it."""
    from flows.handover import bundles, tables
    from flows.handover.folder import handed_over
    from flows.version import CODE_VERSION
    from models.store.audit import note
    from models.store.lock import held
    from models.store.read import published_file
    from models.study.folder import read_study

    study = read_study(arguments.study)
    published_file(study.warehouse)
    with held(study.warehouse, "export"), handed_over(arguments.out, study) as folder:
        if arguments.format == "fhir":
            wrote = bundles.write(study, folder)
        else:
            wrote = tables.write(study, folder, arguments.format)
        what = f"everything published, as {arguments.format}"
        note(study.warehouse, "export", what, CODE_VERSION, people=len(study.homes))
    if arguments.json:
        print_json({"out": str(arguments.out), "format": arguments.format, "wrote": wrote})
    else:
        say(f"{arguments.out}: {wrote}. It holds health data: hand it over as such.")
    return CLEAN
