"""The words of the letter: complete in every language, plain, and without a word that judges, advises or claims."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from string import Formatter
from typing import Any

import pytest

from connectors import connectors
from flows.letter import forms
from flows.letter.language import WORDS, language
from flows.letter.ways import ways
from models.taxonomy import LANGUAGES, METRICS

EVERY_LANGUAGE = pytest.mark.parametrize("code", LANGUAGES)
# Whole words, and beginnings of words (-), that hurt, advise, or speak of health.
FORBIDDEN = {
    "en": """miss- fail- must should ought bad poor- weak- lazy unfortunately sorry wrong better worse improv- benefit-
        recommend- advise- advice try health healthy heal- treat- therap- ketamin- depress- mood symptom- dose drug-
        effect- only verdict- success- achiev- reached""",
    "de": """verfehl- versäum- gescheitert scheiter- muss müssen soll- leider schlecht- schwach faul falsch besser
        schlimm- nutzen nützt empfehl- rat rate versuch- gesund- heil- behandl- therap- ketamin- depress- stimmung
        symptom- dosis wirk- nur urteil erfolg- geschafft erreicht""",
    "es": """fall- fracas- perd- debe- deber- tiene-que mal malo mala peor mejor- débil lamentable- desgraciada- error
        benefici- recomend- aconsej- consej- intent- salud- cura- trat- terap- ketamin- depres- ánimo síntoma- dosis
        efecto- solo sólo logr- éxito alcanz-""",
    "fr": """rat- manqu- échou- échec doit devez devrai- faut-que mauvais- mal pire mieux meilleur- faibl- malheureus-
        erreur bénéfi- recommand- conseil- essay- santé guéri- trait- thérap- kétamin- dépress- humeur symptôm- dose
        effet- seulement succès réuss- atteint-""",
}
# Names of apps, and of what stands on their buttons, are their makers' words.
NAMES = re.compile(
    r"Apple Health|Google Health|Huawei Health|Samsung Health|Health Connect|Health Sync|\bHealth\b|Salud\b|Santé\b"
    r"|“[^”]*”|„[^“]*“|«[^»]*»"
)


def sentences(table: dict[str, Any], at: str = "") -> Iterator[tuple[str, str]]:
    """Every text of a language with its key."""
    for key, value in table.items():
        if isinstance(value, dict):
            yield from sentences(value, f"{at}{key}.")
        elif isinstance(value, list):
            yield from ((f"{at}{key}.{n}", text) for n, text in enumerate(value))
        elif isinstance(value, str):
            yield f"{at}{key}", value


def places(text: str) -> set[str | None]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def hurts(code: str, text: str) -> list[str]:
    """Forbidden words in a text."""
    found = []
    for word in FORBIDDEN[code].split():
        whole = re.escape(word.rstrip("-")).replace(r"\-", r"\s+")
        end = "" if word.endswith("-") else r"(?!\w)"
        if re.search(rf"(?<!\w){whole}{end}", NAMES.sub("", text), re.IGNORECASE):
            found.append(word)
    return found


def test_there_are_words_for_each_language_and_no_other() -> None:
    assert {path.stem for path in WORDS.iterdir()} == set(LANGUAGES)


@EVERY_LANGUAGE
def test_a_language_has_all_the_keys_with_the_same_places(code: str) -> None:
    own, english = (dict(sentences(language(one).words)) for one in (code, "en"))
    assert own.keys() == english.keys()
    assert {key for key, text in own.items() if places(text) != places(english[key])} == set()
    assert not [key for key, text in own.items() if key != "form.thousands" and (not text or text != text.strip())]
    form, when = language(code).words["form"], language(code).words["date"]
    assert form.keys() == language("en").words["form"].keys()
    assert (len(when["months"]), len(when["weekdays"])) == (12, 7)
    assert set(METRICS) == language(code).words["metric"].keys()


def test_there_is_a_way_for_what_each_reader_reads_and_none_is_in_vain() -> None:
    assert ways().keys() == connectors().keys()
    assert {*ways().values(), "other"} == language("en").words["way"].keys()


@EVERY_LANGUAGE
def test_no_word_hurts_advises_or_claims(code: str) -> None:
    assert {key: found for key, text in sentences(language(code).words) if (found := hurts(code, text))} == {}


def test_words_that_would_hurt_are_found() -> None:
    assert hurts("en", "You missed your goal") == ["miss-"]
    assert hurts("de", "Das Ziel wurde leider verfehlt, Sie sollten mehr gehen") == ["verfehl-", "soll-", "leider"]
    assert hurts("es", "Usted tiene que caminar, es bueno para la salud") == ["tiene-que", "salud-"]
    assert hurts("fr", "C’est raté. Mais la marche a un effet") == ["rat-", "effet-"]
    assert hurts("en", "Open Apple Health, tap “Health”") == []


@EVERY_LANGUAGE
def test_it_reads_as_easily_as_a_newspaper_for_children(code: str) -> None:
    """LIX (Björnsson 1968): words in a sentence, plus the share of words of more than six letters in percent.

    Books for children lie below 30, newspapers at 40 to 50, specialist texts above 55. It was made for European
    languages, and is a count of lengths: it knows nothing about meaning. Names, addresses and forms are left out.
    """
    text = [NAMES.sub("x", re.sub(r"\{\w+\}|\S+\.\S+", "x", words)) for key, words in sentences(language(code).words)
            if key.split(".")[0] in ("page", "seen", "unseen", "next", "way") and "name" not in key]  # fmt: skip
    pieces = [p for words in text for p in re.split(r"[.!?:](?:\s|$)", words) if p.strip()]
    counts = [len(re.findall(r"[\w’]+", piece)) for piece in pieces]
    words = [word for piece in pieces for word in re.findall(r"[^\W\d_]+", piece)]
    lix = sum(counts) / len(pieces) + 100 * sum(len(word) > 6 for word in words) / len(words)
    assert lix < 35
    assert max(counts) <= 20


NUMBERS = {
    "en": ("1 day", "0 steps", "1,500 steps", "12,345 steps", "1.5 minutes", "51.4 minutes"),
    "de": ("1 Tag", "0 Schritte", "1.500 Schritte", "12.345 Schritte", "1,5 Minuten", "51,4 Minuten"),
    "es": ("1 día", "0 pasos", "1500 pasos", "12\u202f345 pasos", "1,5 minutos", "51,4 minutos"),
    "fr": ("1 jour", "0 pas", "1\u202f500 pas", "12\u202f345 pas", "1,5 minute", "51,4 minutes"),
}
DATES = {
    "en": ("Sunday, 1 March 2026", "1 to 7 March 2026", "28 February to 6 March", "29 December 2025 to 4 January 2026"),
    "de": (
        "Sonntag, 1. März 2026",
        "1. bis 7. März 2026",
        "28. Februar bis 6. März",
        "29. Dezember 2025 bis 4. Januar 2026",
    ),
    "es": (
        "domingo 1 de marzo de 2026",
        "1 al 7 de marzo de 2026",
        "28 de febrero al 6 de marzo",
        "29 de diciembre de 2025 al 4 de enero de 2026",
    ),
    "fr": (
        "dimanche 1er mars 2026",
        "1er au 7 mars 2026",
        "28 février au 6 mars",
        "29 décembre 2025 au 4 janvier 2026",
    ),
}


@EVERY_LANGUAGE
def test_numbers_and_dates_are_written_as_the_language_writes_them(code: str) -> None:
    words = language(code)
    counted = [("days", 1), ("steps", 0), ("steps", 1500), ("steps", Decimal("12344.5")), ("minutes", Decimal("1.5"))]
    assert NUMBERS[code] == (*(words.count(*one) for one in counted), words.count("minutes", Decimal("51.428571")))
    assert DATES[code] == (
        words.day(date(2026, 3, 1), year=True, weekday=True),
        words.span(date(2026, 3, 1), date(2026, 3, 7), year=True),
        words.span(date(2026, 2, 28), date(2026, 3, 6)),
        words.span(date(2025, 12, 29), date(2026, 1, 4)),
    )
    assert words.count("row", 1) != words.count("row", 3)
    assert words.together(["a", "b", "c"]).startswith("a, b ")
    assert words.together(["a"]) == "a"


@EVERY_LANGUAGE
def test_the_fonts_of_the_pdf_have_every_letter_of_a_language(code: str) -> None:
    """PDF/UA is refused where a sign has no glyph."""
    import typst

    text = " ".join(words for _, words in sentences(language(code).words))
    source = b'#set document(title: "t")\n#set text(font: "Libertinus Serif")\n= t\n#sys.inputs.text'
    compiler = typst.Compiler(source, ignore_system_fonts=True)
    assert compiler.compile(format="pdf", sys_inputs={"text": text}, pdf_standards="ua-1")
    with pytest.raises(typst.TypstError):
        compiler.compile(format="pdf", sys_inputs={"text": "\u65e5"}, pdf_standards="ua-1")
    assert b"Libertinus Serif" in (forms.HERE / "letter.typ").read_bytes()
