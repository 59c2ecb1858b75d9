"""Try an installed reader against its samples: `python -m stepwindow.testing READER SAMPLES [--write]`.

SAMPLES is a folder of small synthetic files. `--write` first writes golden.json beside them, all that the reader gives
for them: read it row by row. Exit codes: 0 all well, 1 something is not as it must be, 2 there is no such reader.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from connectors.testing.checks import GOLDEN, checks_of, trial
from connectors.testing.reading import golden_of, written


def main(arguments: list[str]) -> int:
    """The command line."""
    asked = argparse.ArgumentParser("python -m stepwindow.testing", description=(__doc__ or "").splitlines()[0])
    asked.add_argument("reader", help="its name, as the entry point has it")
    asked.add_argument("samples", type=Path, help="the folder of its samples")
    asked.add_argument("--write", action="store_true", help="write golden.json anew")
    options = asked.parse_args(arguments)
    try:
        tried = trial(options.reader, options.samples)
        print(f"{tried.name}, version {tried.reader.VERSION}: {len(tried.files)} samples")
    except LookupError as error:
        print(error, file=sys.stderr)
        return 2
    except (TypeError, ValueError) as error:
        print(f"golden.json or allowed.toml is not as docs/plugins.md has it: {error}", file=sys.stderr)
        return 2
    if options.write:
        (options.samples / GOLDEN).write_text(written(golden_of(tried.files)), encoding="utf-8")
    found = [(check, check.complaints()) for check in checks_of(options.reader, options.samples)]
    for check, complaints in found:
        print(f"{'look' if complaints else 'ok':5} {check}", *(f"      {line}" for line in complaints), sep="\n")
    return int(any(complaints for _, complaints in found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
