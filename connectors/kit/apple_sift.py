"""The plain samples of Apple's `export.xml`, taken out of the raw bytes: twenty times as fast as an XML parser.

Most of an export are samples as Apple writes them, each a `Record` with its attributes in one order and nothing in it
that is read, and records of kinds that nobody reads. What is anything else is left to the parser, which reads the same
of a plain sample. Nothing but the piece is looked at: pieces can be sifted anywhere (kit/beside.py).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

STEPS, PULSE = "HKQuantityTypeIdentifierStepCount", "HKQuantityTypeIdentifierHeartRate"
_SKIP = (  # one after the other: what begins with a long word of its own is found fast
    re.compile(rb'<Record type="HK(?!QuantityTypeIdentifier(?:StepCount|HeartRate)")\w++"[^<]*/>\s*(?=<)'),
    re.compile(
        rb'<(?:InstantaneousBeatsPerMinute |MetadataEntry key="(?!HKWasUserEntered"|HKTimeZone"))[^<]*/>\s*(?=<)'
    ),
)
_NAME = r'"([^"<&\t\n\r]*+(?:&(?:lt|gt|amp|quot|apos);[^"<&\t\n\r]*+)*+)"'
_PLAIN = re.compile(  # a sample as Apple writes it, with nothing in it that is read
    rf'<Record type="({STEPS}|{PULSE})" sourceName={_NAME}(?: sourceVersion="[^"<&]*+")?'
    rf'(?: device={_NAME})?(?: unit="[^"<&]*+")?(?: creationDate="[^"<&]*+")? startDate="([^"<&]{{0,100}}+)"'
    r' endDate="([^"<&]{0,100}+)" value="([^"<&]{0,100}+)"(?:/>|>\s*+</Record>)\s*+(?=<)'
)
_NO_LETTERS = ("\ufffe", "\uffff")  # as XML has it


@dataclass
class Sifted:
    """A piece of an export: its plain samples, in columns as they stand in the bytes, and what is left of it.

    `devices`: names and descriptions, still with what stands for `<` and `&`; `whose`: of each sample, which of them.
    """

    rest: bytes
    devices: list[tuple[str, str]] = field(default_factory=list)
    whose: list[int] = field(default_factory=list)
    are_steps: list[bool] = field(default_factory=list)
    starts: list[str] = field(default_factory=list)
    ends: list[str] = field(default_factory=list)
    values: list[str] = field(default_factory=list)

    def add(
        self, whose: list[int], are_steps: list[bool], starts: list[str], ends: list[str], values: list[str]
    ) -> None:
        """Some more samples."""
        self.whose += whose
        self.are_steps += are_steps
        self.starts += starts
        self.ends += ends
        self.values += values


def without_unwanted(piece: bytes) -> bytes:
    """A piece that ends before a tag, without the records and details of which nothing is read."""
    for unwanted in _SKIP:
        piece = unwanted.sub(b"", piece)
    return piece


def sift(piece: bytes) -> Sifted:
    """The same, with its plain samples apart. In a Correlation, or in what is no text, none are taken out."""
    piece = without_unwanted(piece)
    if b"<Correlation" in piece:
        return Sifted(piece)
    try:
        text = piece.decode()
    except UnicodeDecodeError:
        return Sifted(piece)
    if any(letter in text for letter in _NO_LETTERS):
        return Sifted(piece)
    parts = _PLAIN.split(text)  # what stands between two samples, and the six groups of each
    kinds, names, described, *cells = (parts[n::7] for n in range(1, 7))
    devices = list(zip(names, described, strict=True))
    numbers = {device: number for number, device in enumerate(dict.fromkeys(devices))}
    return Sifted(
        "".join(parts[::7]).encode(),
        [(name, described or "") for name, described in numbers],
        [numbers[device] for device in devices],
        [kind == STEPS for kind in kinds],
        *cells,
    )
