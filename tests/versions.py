"""The versions of rules and published form: `python -m tests.versions` gives what is another its next number.

tests/versions.csv has what each version was the version of, as a fingerprint; a line there is written once.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from models.store.sql import sql_files

ROOT = Path(__file__).parents[1]
RULES, VERSIONS = ROOT / "docs/rules.md", ROOT / "tests/versions.csv"
LINE = re.compile(r"^Version (\d+)\.", re.MULTILINE)


def fingerprints() -> dict[str, str]:
    """Of the words of the rules, wherever their lines end; and of the statements that make the published tables."""
    rules = LINE.sub("", RULES.read_text(encoding="utf-8"))
    forms = re.sub("--.*", "", "".join(text for _, text in sql_files("publish/form")))
    tables = " ".join(re.findall(r"CREATE TABLE [^;]*;", forms))
    return {
        what: hashlib.sha256(" ".join(text.split()).encode()).hexdigest()
        for what, text in {"rules": rules, "schema": tables}.items()
    }


def known() -> dict[str, list[str]]:
    """The fingerprint of every version, the first one first."""
    found: dict[str, list[str]] = {"rules": [], "schema": []}
    for line in VERSIONS.read_text("utf-8").splitlines()[1:] if VERSIONS.exists() else ():
        what, version, fingerprint = line.split(",")
        found[what].append(fingerprint)
        assert version == str(len(found[what])), f"{VERSIONS.name}: {line}"
    return found


def main() -> None:
    """Write the number of what is another wherever it stands."""
    versions = known()
    for what, fingerprint in fingerprints().items():
        versions[what] += [fingerprint] * (versions[what][-1:] != [fingerprint])
    lines = [f"{what},{n},{one}" for what, all_of_it in versions.items() for n, one in enumerate(all_of_it, 1)]
    VERSIONS.write_text("\n".join(["what,version,sha256", *lines]) + "\n")
    RULES.write_text(
        LINE.sub(f"Version {len(versions['rules'])}.", RULES.read_text(encoding="utf-8")), encoding="utf-8"
    )
    module = ROOT / "models/version.py"
    text = module.read_text("utf-8")
    for what, all_of_it in versions.items():
        text = re.sub(rf'(?<={what.upper()}_VERSION = ")\d+', str(len(all_of_it)), text)
    module.write_text(text)


if __name__ == "__main__":
    main()
