"""The packages of requirements.lock: what each is needed for, what it needs, and its licence.

`python -m tests.components` writes docs/licences.md; `python -m tests.components sbom DIR` (`make sbom`) a bill of
materials in the form of CycloneDX 1.6 into a folder. The same lock gives the same bytes.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
import uuid
from dataclasses import dataclass
from hashlib import sha256
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
LOCK, PAGE = ROOT / "requirements.lock", ROOT / "docs/licences.md"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
# Of packages that say it in no field, or are for another system or Python than this one: by their own texts.
SAID_ELSEWHERE = {
    "altair": "BSD-3-Clause", "async-timeout": "Apache-2.0", "axe-playwright-python": "MIT", "pywin32": "PSF-2.0",
    "whenever": "MIT",
}  # fmt: skip
SCOPES = {
    "required": "Installed with stepwindow",
    "optional": "Installed with an extra of it",
    "excluded": "For development and tests alone",
}
_PAGE = """# Licences

Of every package in `requirements.lock`, as its own metadata says it (`python -m tests.components`; a test holds this
page against the lock and against what is installed). stepwindow itself is MIT. The scripts that draw the report's
charts are Vega's, inside the package: `flows/report/scripts/LICENSES.txt` has their licences.

No package is changed, and none is linked into stepwindow: each is installed beside it. Of those with a choice of
licences (`OR`, or several) the permissive one is taken. The Mozilla Public License asks for the source of changed files
of the package itself, and there are none.
"""


@dataclass(frozen=True)
class Component:
    """A package of the lock. `scope`: a key of SCOPES; `needs`: names of other components."""

    name: str
    version: str
    digests: tuple[str, ...]
    needs: tuple[str, ...]
    scope: str

    @property
    def purl(self) -> str:
        """Its name in bills of materials."""
        return f"pkg:pypi/{self.name}@{self.version}"


def components() -> list[Component]:
    """All of the lock, by name."""
    found = {}
    for block in re.split(r"\n(?=[A-Za-z0-9])", LOCK.read_text("utf-8").partition("make lock\n")[2]):
        pin = Requirement(block.splitlines()[0].rstrip(" \\"))
        asked_by = {canonicalize_name(name) for name in re.findall(r"^    # +(?:via )?([\w.-]+)", block, re.MULTILINE)}
        found[canonicalize_name(pin.name)] = (pin, re.findall(r"sha256:(\w{64})", block), asked_by - {"via"})
    needs = {one: tuple(sorted(name for name, (_, _, by) in found.items() if one in by)) for one in found}
    always = _reached(PROJECT["dependencies"], needs)
    extras = _reached([line for extra in PROJECT["optional-dependencies"].values() for line in extra], needs)
    return [
        Component(name, next(iter(pin.specifier)).version, tuple(digests), needs[name],
                  "required" if name in always else "optional" if name in extras else "excluded")
        for name, (pin, digests, _) in sorted(found.items())
    ]  # fmt: skip


def _reached(lines: list[str], needs: dict[str, tuple[str, ...]]) -> set[str]:
    reached: set[str] = set()
    waiting = [canonicalize_name(Requirement(line).name) for line in lines]
    while waiting:
        name = waiting.pop()
        if name not in reached and name in needs:
            reached.add(name)
            waiting += needs[name]
    return reached


def licence(name: str) -> str | None:
    """What an installed package says of its licence; None where it is not installed and not in SAID_ELSEWHERE."""
    if name in SAID_ELSEWHERE:
        return SAID_ELSEWHERE[name]
    try:
        told = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return None
    words = told.get("License-Expression") or told.get("License") or ""
    if words not in ("", "UNKNOWN") and len(words) <= 60 and "\n" not in words:
        return " ".join(words.split())
    told_by_class = [line.split(" :: ")[-1] for line in told.get_all("Classifier") or () if line.startswith("License")]
    return "; ".join(told_by_class) or words.strip().partition("\n")[0].strip() or None


def row(component: Component) -> str:
    """Its line of the page."""
    return f"| {component.name} | {licence(component.name)} |"


def page() -> str:
    """docs/licences.md as it has to be."""
    parts = [_PAGE]
    for scope, title in SCOPES.items():
        rows = [row(component) for component in components() if component.scope == scope]
        parts += [f"\n## {title}\n", "| package | licence |", "|---|---|", *rows]
    return "\n".join(parts) + "\n"


def bill() -> dict[str, Any]:
    """The bill of materials."""
    name, version = PROJECT["name"], PROJECT["version"]
    ours = f"pkg:pypi/{name}@{version}"
    every = components()
    known = {component.name: component.purl for component in every}
    edges = [{"ref": one.purl, "dependsOn": [known[other] for other in one.needs]} for one in every]
    roots = sorted(canonicalize_name(Requirement(line).name) for line in PROJECT["dependencies"])
    edges.insert(0, {"ref": ours, "dependsOn": [known[root] for root in roots]})
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": uuid.uuid5(uuid.NAMESPACE_OID, sha256(LOCK.read_bytes()).hexdigest() + ours).urn,
        "version": 1,
        "metadata": {
            "component": {
                "type": "application", "bom-ref": ours, "name": name, "version": version, "purl": ours,
                "licenses": [{"expression": PROJECT["license"]}],
            }
        },
        "components": [_listed(component) for component in every],
        "dependencies": edges,
    }  # fmt: skip


def _listed(component: Component) -> dict[str, Any]:
    told = licence(component.name)
    return {
        "type": "library",
        "bom-ref": component.purl,
        "name": component.name,
        "version": component.version,
        "scope": component.scope,
        **({"licenses": [{"license": {"name": told}}]} if told else {}),
        "purl": component.purl,
        "externalReferences": [
            {
                "type": "distribution",
                "url": component.purl,
                "comment": "the files of this version that may be installed",
                "hashes": [{"alg": "SHA-256", "content": digest} for digest in component.digests],
            }
        ],
    }


def main(words: list[str]) -> int:
    """Write the page, or the bill into the folder that is named."""
    if words[:1] != ["sbom"]:
        PAGE.write_text(page())
        return 0
    target = Path(words[1]) / f"{PROJECT['name']}-{PROJECT['version']}.cdx.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(bill(), indent=2) + "\n")
    print(target)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
