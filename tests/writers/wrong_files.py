"""Files that people hand over and no reader takes, by what each looks like. Nothing in them is anybody's; the words of
SECRETS (tests/test_privacy.py) stand in many, and must come out of none.
"""

from __future__ import annotations

import gzip
import io
import json
import sqlite3
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.writers.workbook import workbook

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
LAPS = "Laps,Time,Cumulative Time,Distance,Avg Pace,Avg HR\n1,10:00.0,10:00,1.00,10:00,101\n"
SPLITS = "Split,Time,Moving Time,Distance,Avg Pace\n1,10:00,09:58,1.00,10:00\n"
STRANGE = "when,what\n2026-03-03,lunch with Anna Muster\n"
MAIL = b"Received: a\nFrom: Anna Muster <anna.muster@example.org>\nSubject: my steps\nMIME-Version: 1.0\n\nhello\n"
PAGE = b"<!DOCTYPE html>\n<html><head><title>Anna Muster</title></head><body>steps</body></html>"
CHAT = "[01.03.26, 10:00:00] Anna Muster: Messages and calls are end-to-end encrypted.\n"
ICS = b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Yoga\nEND:VEVENT\nEND:VCALENDAR\n"
KML = b'<?xml version="1.0"?>\n<kml xmlns="http://www.opengis.net/kml/2.2"><Placemark/></kml>'


def packed(*members: tuple[str, bytes]) -> bytes:
    """A zip of these members."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in members:
            archive.writestr(name, content)
    return made.getvalue()


def database() -> bytes:
    """A database of no known app."""
    with TemporaryDirectory() as folder:
        with sqlite3.connect(Path(folder) / "a.db") as made:
            made.execute("CREATE TABLE note (text TEXT)")
        made.close()
        return (Path(folder) / "a.db").read_bytes()


def wrong_files() -> dict[str, dict[str, bytes]]:
    """Every kind of wrong file, by what it looks like (the first words of it): the file's name and content."""
    return {
        "the laps of one activity of Garmin": {"activity_1234567.csv": LAPS.encode(), "splits.csv": SPLITS.encode()},
        "a file of WHOOP that is not its data export": {
            "whoop_privacy_export.json": b'{"user": {"name": "Anna Muster"}, "cycles": [{"cycle_id": 1}]}'
        },
        "a part of Strava's archive": {
            "posts.csv": b"Post Date,Post Title,Post Description\n2026-03-01,Lunch,x\n",
            "profile.csv": b"Athlete ID,Email Address,First Name\n1,anna.muster@example.org,Anna\n",
        },
        "a part of Samsung Health": {"com.samsung.health.1.live_data.json": b'[{"start_time": 1}]'},
        "a part of Apple Health's export": {
            "my_doctor.json": b'{"resourceType": "Observation", "subject": {"reference": "patient"}, "patient": "x"}'
        },
        "an export.xml that is damaged": {"apple_health_export/export.xml": b"<?xml version='1.0'?>\n<!-- cut off"},
        "Google's record of places": {
            "Timeline.json": b'{"semanticSegments": [{"startTime": "2026-03-01T08:00:00Z"}]}'
        },
        "a part of a Google Takeout": {
            "MyActivity.json": b'[{"header": "Search", "title": "x", "titleUrl": "y", "products": ["z"]}]'
        },
        "answers of Oura's": {
            "oura.json": b'{"data": [{"day": "2026-03-01", "contributors": {}}], "next_token": null}'
        },
        "a file of Polar's older": {"26030101.hrm": b"[Params]\nVersion=106\n"},
        "a file of Suunto's": {"2026-03-01.json": b'{"DeviceLog": {"Header": {"Duration": 600}}}'},
        "a file of the COROS app": {"coros_summary.csv": b"Sport,Distance\nRun,1\n"},
        "a file of a training program": {"workout.pwx": b'<?xml version="1.0"?><pwx></pwx>'},
        "a table of an app that counts steps": {"Pedometer++.csv": b"Date,Steps,Floors\n2026-03-01,1000,2\n"},
        "the raw file of a study's accelerometer": {
            "P1.gt3x": packed(("info.txt", b"Serial Number: NEO1"), ("log.bin", b"1"))
        },
        "a map (KML or KMZ)": {"walk.kml": KML, "walk.kmz": packed(("doc.kml", KML))},
        "a calendar or an address book": {"plan.ics": ICS, "anna.vcf": b"BEGIN:VCARD\nFN:Anna Muster\nEND:VCARD\n"},
        "an e-mail": {"steps.eml": MAIL, "steps.msg": OLE + "__substg1.0_0037001F".encode("utf-16-le")},
        "a chat of WhatsApp": {
            "WhatsApp Chat with Anna.txt": CHAT.encode(),
            "chat.txt": "[01.03.26, 10:00:00] Anna Muster: Das ist Ende-zu-Ende-verschlüsselt.\n".encode(),
        },
        "a PDF": {"report.pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"},
        "a video": {"clip.mov": b"\0\0\0\x14ftypqt  \0\0\0\0", "clip": b"\0\0\0\x18ftypisom\0\0\2\0"},
        "a sound recording": {"diary.m4a": b"\0\0\0\x1cftypM4A \0\0\0\0", "PTT.opus": b"OggS\0\2"},
        "a photo or screenshot": {
            "IMG_1.jpg": b"\xff\xd8\xff\xe0",
            "IMG_2.HEIC": b"\0\0\0\x18ftypheic\0\0\0\0",
            "Screenshot": b"\x89PNG\r\n\x1a\n",
            "diary.webp": b"RIFF\x1a\0\0\0WEBPVP8 ",
        },
        "a saved web page": {"Garmin Connect.html": PAGE, "steps": PAGE},
        "a text document": {
            "diary.docx": packed(("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<w:document/>")),
            "diary.rtf": b"{\\rtf1\\ansi Anna Muster walked}",
            "diary.odt": packed(("mimetype", b"application/vnd.oasis.opendocument.text")),
            "diary.doc": OLE + "WordDocument".encode("utf-16-le"),
            "diary.pages": packed(("Index/Document.iwa", b"1")),
        },
        "a sheet in the form of Numbers": {
            "diary.numbers": packed(("Index/Document.iwa", b"1")),
            "diary.ods": packed(("mimetype", b"application/vnd.oasis.opendocument.spreadsheet")),
        },
        "a workbook in the old .xls": {"diary.xls": OLE + "Workbook".encode("utf-16-le")},
        "a workbook that no reader knows": {"numbers.xlsx": workbook([["who", "what"], ["Anna Muster", 1]])},
        "a workbook or document under a password": {"locked.xlsx": OLE + "EncryptedPackage".encode("utf-16-le")},
        "an archive of a kind that is not opened": {
            "takeout.rar": b"Rar!\x1a\x07\x01\0",
            "takeout.7z": b"7z\xbc\xaf\x27\x1c\0\4",
        },
        "an encrypted file": {"export.zip.gpg": b"\x85\1\x0c\3", "export.asc": b"-----BEGIN PGP MESSAGE-----\n"},
        "a placeholder of iCloud": {".export.zip.icloud": b"bplist00\xd3\1\2\3"},
        "a link to a document in an online drive": {"diary.gsheet": b'{"url": "https://docs.google.com/x"}'},
        "the newest rows of a database": {
            "Gadgetbridge-wal": b"\x37\x7f\x06\x82" + bytes(100),
            "Gadgetbridge.db-journal": b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + bytes(100),
        },
        "a database or backup of a phone or app": {
            "backup.db": database(),
            "phone.ab": b"ANDROID BACKUP\n5\n1\nnone\n",
        },
        "a program or an installer": {"Setup.exe": b"MZ\x90\0"},
        "a file of zeros": {"Activities.csv": bytes(1000), "export.zip": bytes(100_000)},
        "an empty list or an empty text": {"steps.json": b"[]", "export.txt": b"\n\n"},
        "a table that no reader knows": {"list.csv": STRANGE.encode(), "list.csv.gz": gzip.compress(STRANGE.encode())},
        "JSON that no reader knows": {"data.json": json.dumps([{"name": "Anna Muster"}]).encode()},
        "XML that no reader knows": {"data.xml": b'<?xml version="1.0"?>\n<notes><note>lunch</note></notes>'},
        "a plain text": {
            "notes.txt": b"I walked with Anna Muster after lunch\n",
            "list.txt": b"[01.03.26] walked with Anna Muster\n",
        },
        "a Garmin report of sleep": {"HRV Status.csv": b",Overnight HRV,Baseline\n2026-03-01,40,38\n"},
        "a part of a Fitbit export": {"sleep-2026-03-01.json": b'[{"logId": 1, "dateOfSleep": "2026-03-01"}]'},
        "a part of a Withings export": {"measures.json": b'{"status": 0, "body": {"measuregrps": []}}'},
        "the raw file of an activPAL": {"P1.datx": b"\0\1\2\3"},
        "slides": {"steps.pptx": packed(("[Content_Types].xml", b"<Types/>"), ("ppt/presentation.xml", b"<p/>"))},
        "an old document or workbook of Office": {"diary": OLE},
        "an activity file (TCX, GPX or FIT)": {"walk.fit": b"\1\2\3\4"},
        "a kind of file that no reader knows": {"part_1.bin": b"\1\2\3\4"},
    }
