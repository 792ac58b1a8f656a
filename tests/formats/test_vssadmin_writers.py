from __future__ import annotations

import pytest

from analytics.formats import Reading
from analytics.formats.format import Head
from analytics.formats.inventory.vssadmin_writers import recognise

TEXT = """vssadmin 1.1 - Volume Shadow Copy Service administrative command-line tool
(C) Copyright 2001-2013 Microsoft Corp.

Writer name: 'Microsoft Hyper-V VSS Writer'
   Writer Id: {66841cd4-6ded-4f4b-8f17-fd23f8ddc3de}
   Writer Instance Id: {6162e336-7448-4371-93a7-29581512b103}
   State: [8] Failed
   Last error: Inconsistent shadow copy

Writer name: 'System Writer'
   Writer Id: {e8132975-6f93-4464-a53e-1050253ae220}
   Writer Instance Id: {b1c47cec-0e12-4ac6-b84b-9c1d8292a9f3}
   State: [1] Stable
   Last error: No error
"""
# The labels in other languages: verbatim French, the others by the terms of that Windows.
WORDS = {
    "fr": (
        "Nom du rédacteur ",
        "ID du rédacteur ",
        "ID d’instance du rédacteur ",
        "État ",
        "Dernière erreur ",
    ),
    "ja": ("ライター名", "ライター ID", "ライター インスタンス ID", "状態", "最後のエラー"),
    "de": ("Verfassername", "Verfasserkennung", "Verfasserinstanzkennung", "Status", "Letzter Fehler"),
    "ru": (
        "Имя компонента записи",
        "Код компонента записи",
        "Код экземпляра",
        "Состояние",
        "Последняя ошибка",
    ),
    "xx": ("Aaa", "Bbb", "Ccc", "Ddd", "Eee"),
}
ENGLISH = ("Writer name", "Writer Id", "Writer Instance Id", "State", "Last error")
EXPECTED = [
    ("Microsoft Hyper-V VSS Writer", "66841CD4-6DED-4F4B-8F17-FD23F8DDC3DE", 8),
    ("System Writer", "E8132975-6F93-4464-A53E-1050253AE220", 1),
]


def told(outcome) -> list[tuple[str, str, int]]:
    """What the rows say."""
    return [(row["writer_name"], row["writer_id"], row["state"]) for row in outcome.rows]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "ansi", "oem"])
@pytest.mark.parametrize("language", WORDS)
def test_any_language(language: str, encoding: str, read) -> None:
    """GUIDs and numbers in brackets tell the writers, whatever the labels, in the code pages of the language."""
    pages = {"ja": ("cp932", "cp932"), "ru": ("cp1251", "cp866")}.get(language, ("cp1252", "cp850"))
    text = TEXT
    for english, word in zip(ENGLISH, WORDS[language], strict=True):
        text = text.replace(f"{english}:", f"{word}:")
    name = {"ansi": pages[0], "oem": pages[1]}.get(encoding, encoding)
    text = text if name != "cp850" else text.replace("’", "'")
    outcome = read(text.replace("\n", "\r\n"), Reading(), name)
    assert outcome.format == "vssadmin-writers"
    assert outcome.rejects == []
    assert told(outcome) == EXPECTED
    assert outcome.rows[0]["instance_id"] == "6162E336-7448-4371-93A7-29581512B103"
    assert (outcome.rows[0]["state_text"], outcome.rows[1]["last_error"]) == ("Failed", "No error")


@pytest.mark.parametrize(
    "text",
    [
        TEXT.replace("\n\n", "\n"),
        TEXT.replace("\n", "\n\n"),
        "\n".join(f"> {line}" for line in TEXT.split("\n")),
        "\n".join(f"    {line}" for line in TEXT.split("\n")),
        f"Microsoft Windows [Version 6.0.6001]\n\nC:\\Windows>vssadmin list writers\n{TEXT}\nC:\\Windows>",
        f"```\n{TEXT}\n```",
        TEXT.replace("'", '"'),
    ],
)
def test_as_people_bring_it(text: str, read) -> None:
    """Blank lines, quotes, indentation, a console around it: the same writers, nothing rejected."""
    outcome = read(text)
    assert outcome.rejects == []
    assert told(outcome) == EXPECTED


def test_the_order_of_the_ids_does_not_matter_where_they_say_what_they_are(read) -> None:
    """The id of the instance is told by its label, should it stand first."""
    one, two = (line for line in TEXT.split("\n") if "66841cd4" in line or "6162e336" in line)
    outcome = read(TEXT.replace(f"{one}\n{two}", f"{two}\n{one}"))
    assert told(outcome) == EXPECTED


def test_other_outputs_of_vssadmin(read) -> None:
    """Providers and shadows below the writers are no writers and no broken ones; alone they are not claimed."""
    providers = """vssadmin 1.1 - Volume Shadow Copy Service administrative command-line tool
(C) Copyright 2001-2013 Microsoft Corp.

Provider name: 'Microsoft Software Shadow Copy provider 1.0'
   Provider type: System
   Provider Id: {b5946137-7b9f-4925-af80-51abd60b20d5}
   Version: 1.0.0.7
"""
    assert not recognise(Head("x", providers.encode()))
    for text in (TEXT + providers, providers + TEXT):
        outcome = read(text)
        assert told(outcome) == EXPECTED
        assert outcome.rejects == []


def test_a_cut_output(read) -> None:
    """A writer that is cut is a reject; those above it count."""
    outcome = read(TEXT[: TEXT.index("   State: [1]")])
    assert told(outcome) == EXPECTED[:1]
    assert ["lacks an id or its state" in reason for reason in outcome.reasons] == [True]
