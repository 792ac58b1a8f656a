from __future__ import annotations

import pytest

from analytics.sources import detect_encoding
from analytics.sources.codepages import code_page_of, japanese_letter

# Words of the Event Viewer and of event texts, with the code pages in which Windows of that language writes them.
TEXTS = {
    "Имя журнала: Application\nИсточник: VSS\nУровень: Ошибка\nИмя сбойного приложения": ("cp1251", "cp866"),
    "Schlüsselwörter: Klassisch\nÄnderung der Größe für VM1\nnicht verfügbar": ("cp1252", "cp850"),
    "Événement créé à l'arrêt\nErreur du cliché instantané": ("cp1252", "cp850"),
    "Categoría de la tarea\nNingún año\nDescripción": ("cp1252", "cp850"),
    "Źródło: VSS\nBłąd usługi kopiowania woluminów w tle\nSłowa kluczowe": ("cp1250",),
    "日志名称: Application\n来源: VSS\n级别: 错误\n卷影复制服务错误": ("gbk",),
    "ログの名前: Application\nソース: VSS\nレベル: 警告\n仮想マシン": ("cp932",),
    "経理": ("cp932",),
    "ﾊﾞｯｸｱｯﾌﾟ ﾃｽﾄ": ("cp932",),
    "로그 이름: Application\n원본: VSS\n수준: 오류": ("cp949",),
}
CASES = [(text, name) for text, names in TEXTS.items() for name in names]


@pytest.mark.parametrize(("text", "name"), CASES, ids=[f"{name} {text[:12]!a}" for text, name in CASES])
class TestCodePages:
    def test_the_language_tells_the_code_page(self, text: str, name: str) -> None:
        """A text without BOM is read in the code page of its language."""
        assert code_page_of(text.encode(name)) == name
        assert detect_encoding(text.encode(name) + b"\r\n") == name

    def test_utf_8_and_utf_16_come_first(self, text: str, name: str) -> None:
        """The same text in Unicode is never taken for a code page, with or without BOM."""
        lines = f"{text}\r\n{text}\r\n"
        expected = {
            "utf-8": "utf-8",
            "utf-8-sig": "utf-8",
            "utf-16-le": "utf-16-le",
            "utf-16-be": "utf-16-be",
        }
        assert name not in expected
        assert {each: detect_encoding(lines.encode(each)) for each in expected} == expected

    def test_a_flipped_byte_changes_nothing(self, text: str, name: str) -> None:
        """One byte that fits no character does not make another language of a longer text."""
        data = text.encode(name) * 3 + b"\xff\n" + text.encode(name) * 3
        assert code_page_of(data) == name


@pytest.mark.parametrize(("intact", "spoilt", "is_utf_8"), [(2, 1, True), (1, 1, False), (1, 2, False)])
def test_a_text_of_two_encodings(intact: int, spoilt: int, is_utf_8: bool) -> None:
    """Is UTF-8 where more than half of its accented lines are; plain ones do not count."""
    lines = ["Größe\n".encode()] * intact + ["Größe\n".encode("cp1252")] * spoilt + [b"plain\n"] * 5
    assert (detect_encoding(b"".join(lines)) == "utf-8") is is_utf_8


def test_ascii() -> None:
    """A text without any accented letter is in every code page; cp1252 is what Windows would say."""
    assert code_page_of(b"plain") == "cp1252"


@pytest.mark.parametrize(
    ("letter", "value"),
    [
        ("\u303f", 0), ("\u3040", 1), ("\u30ff", 1), ("\uff0f", 0), ("\uff10", 1), ("\uff5a", 1),
        ("\uff65", 0), ("\uff66", 0.9), ("\uff9f", 0.9), ("\uffa0", 0),
    ],
)  # fmt: skip
def test_what_is_kana(letter: str, value: float) -> None:
    """Full width always, half width as much as it is worth in this word; the ends of each row included."""
    assert max(japanese_letter(letter, 0.9), 0) == value
