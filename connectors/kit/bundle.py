"""Which files came together: the parts of one archive, as it was handed over or unpacked into a folder.

An archive is known by its content. Unpacked, it is known by the folder that only such an archive has: files that lie in
any other folder may be of many exports and years, and are each by themselves. Old stores were filled by the same rule
(models/sql/migrations/012_exports.sql).
"""

from __future__ import annotations

import re
from functools import lru_cache

_ROOTS = (  # the folder that an account's archive unpacks to, as its vendor calls it
    "takeout|user-site-export|myfitbitdata|di_connect|app data"
    r"|data_[^/]*_[0-9]{9,}|samsunghealth_[^/]*_[0-9]{8,}|[0-9]{6,}_[0-9]{10,}|huawei_health_[0-9]+"
    r"|export_[0-9]{4,}|[0-9]{8}_[0-9]+_mifitness_[^/]*"
    r"|polar-user-data-export[^/]*|healthall_[^/]*_simplehealthexportcsv|[^/]*[.](?:zip|tgz|tar)"
)
_ROOT = re.compile(rf"(?is)^((?:.*/)?(?:{_ROOTS}))/")
_LONE = re.compile(r"(?i)(?<!\.tar)\.gz$")  # packed by itself: it lies where its .gz lies
# Google hands over what is large in several archives, each with a number behind the time of the export
_SPLIT = re.compile(r"(?i)(takeout-[0-9]{8}t[0-9]{6}z)(?:-[0-9]+)?-[0-9]{3}[^/]*")


def bundle_of(path: str, archive: str | None = None) -> str | None:
    """What the parts of one export have in common: their archive (its SHA-256), and the folder in it.

    `path`: inside the inbox, members as archive.zip!/member. It ends with "/" where no such folder is known, and is
    None where a file came alone.
    """
    outer, _, inside = path.partition("!/")
    inside = "" if inside and _LONE.search(outer) else inside
    root = _root_of((inside or outer.partition("/")[2]).rpartition("/")[0])
    if not inside:
        return root and f"/{root}"
    split = _SPLIT.fullmatch(outer.rpartition("/")[2])
    return f"{split[1] if split else archive}/{root or ''}"


@lru_cache(4_096)
def _root_of(folder: str) -> str | None:
    """The folder of an export in which a folder lies, or which it is."""
    root = _ROOT.match(_SPLIT.sub(r"\1", f"{folder}/"))
    return root and root[1]
