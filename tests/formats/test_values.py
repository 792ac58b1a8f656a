from __future__ import annotations

from decimal import Decimal

import pytest

from analytics.formats.reading import values
from analytics.formats.reading.values import CellError

GUID = "8AE83798-7A85-466A-80CA-22CA66582965"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1234567", 1234567),
        ("1,234,567", 1234567),
        ("1.234.567", 1234567),
        ("1 234 567", 1234567),
        ("1\u00a0234\u00a0567", 1234567),
        ("1\u202f234", 1234),
        ("1'234", 1234),
        ("12.00", 12),
        ("-5", -5),
        ("", None),
        ("NULL", None),
        ("----------", None),
        ("<bytes>", None),
    ],
)
def test_whole_numbers(text: str, expected: int | None) -> None:
    """Whole numbers are read with the thousands separators of any locale; fillers are NULL."""
    assert values.whole(text) == expected


@pytest.mark.parametrize(
    "text", ["x", "1,23", "1,2345", "1.5", "99999999999999999999", "=1+1", "0x10", "1,234.567"]
)
def test_no_whole_numbers(text: str) -> None:
    """What is no whole number, or too large, is an error and never guessed."""
    with pytest.raises(CellError):
        values.whole(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1,234.56", "1234.56"),
        ("1.234,56", "1234.56"),
        ("1 234,56", "1234.56"),
        ("1'234.56", "1234.56"),
        ("1.234.567,89", "1234567.89"),
        ("0.00", "0.00"),
        ("12.5", "12.5"),
        ("1,234,567", "1234567"),
    ],
)
def test_real_numbers(text: str, expected: str) -> None:
    """The last separator is the decimal one unless it occurs more than once."""
    assert values.real(text) == Decimal(expected)


@pytest.mark.parametrize(
    "text", [GUID, GUID.lower(), f"{{{GUID.lower()}}}", f"({GUID})", f" {GUID} ", GUID.replace("-", "")]
)
def test_guids(text: str) -> None:
    """A GUID comes out in upper case without braces, however it was written."""
    assert values.guid(text) == GUID


@pytest.mark.parametrize("text", ["", "00000000-0000-0000-0000-000000000000", "<GUID>"])
def test_no_guid_stated(text: str) -> None:
    """An empty cell, a placeholder and Guid.Empty are NULL."""
    assert values.guid(text) is None


@pytest.mark.parametrize("text", ["{" + GUID, GUID[:-1], "VM01", GUID + "0", "=" + GUID])
def test_wrong_guids(text: str) -> None:
    """Anything else in the place of a GUID is an error."""
    with pytest.raises(CellError, match="is no GUID"):
        values.guid(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0x8007173D", "0x8007173d"),
        ("2147948349", "0x8007173d"),
        ("-2147018947", "0x8007173d"),
        ("0xFFFFFFFF8007173D", "0x8007173d"),
        ("0x5", "0x00000005"),
        ("0", None),
        ("0x0", None),
        ("0x00000000", None),
        ("", None),
    ],
)
def test_hresults(text: str, expected: str | None) -> None:
    """Every spelling of an HRESULT has one normal form; 0 means no error."""
    assert values.hresult(text) == expected


@pytest.mark.parametrize("text", ["8007173D", "0x80071", "0x1FFFFFFFFF", "99999999999", "abc"])
def test_wrong_hresults(text: str) -> None:
    """Hexadecimal digits without 0x and codes beyond 32 bits are errors; short codes are padded."""
    if text == "0x80071":
        assert values.hresult(text) == "0x00080071"
    else:
        with pytest.raises(CellError):
            values.hresult(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0 MB", 0),
        ("118.51 GB (127253828784 bytes)", 127253828784),
        ("1.79 GB (1,916,715,024 bytes)", 1916715024),
        ("464 KB", 464 * 1024),
        ("1,5 MB", 1572864),
        ("", None),
    ],
)
def test_sizes(text: str, expected: int | None) -> None:
    """Stated bytes win over the rounded size; units are powers of 2^10."""
    assert values.size_bytes(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("00:07:34", 454),
        ("1.02:03:04", 93784),
        ("1d 02h 03m", 93780),
        ("26:00:00", 93600),
        ("<elapsedTime>", None),
    ],
)
def test_elapsed_times(text: str, expected: float | None) -> None:
    """Elapsed times of console (HH:MM:SS), .NET (d.HH:MM:SS) and collector (d h m) are seconds."""
    assert values.elapsed_s(text) == expected


def test_type_names_state_nothing() -> None:
    """Export-Csv writes type names for nested objects: they are NULL, a path that looks alike is not."""
    assert values.stated_text("System.Object[]") is None
    assert values.stated_text("System.Collections.ObjectModel.Collection`1[System.String]") is None
    assert values.stated_text("Microsoft.Internal.EnterpriseStorage.Dls.ErrorInfo") is None
    assert values.stated_text("System State") == "System State"


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (0, None),
        (1, "0x00000001"),
        (0x80070005, "0x80070005"),
        (2**32 - 1, "0xffffffff"),
        (-1, "0xffffffff"),
        (-(2**31), "0x80000000"),
        (0xFFFFFFFF_80070005, "0x80070005"),
        (0xFFFFFFFF_00000000, None),
    ],
)
def test_hresults_of_numbers(number: int, expected: str | None) -> None:
    """With the sign as it is, or extended to 64 bits."""
    assert values.hresult_of(number) == expected


@pytest.mark.parametrize("number", [2**32, -(2**31) - 1, 0xFFFFFFFE_FFFFFFFF, 2**64])
def test_numbers_that_are_no_hresults(number: int) -> None:
    """More than 32 bits hold."""
    with pytest.raises(CellError, match="does not fit the 32 bits"):
        values.hresult_of(number)


@pytest.mark.parametrize(
    ("text", "expected"),
    [(f"1 {unit}", 1024**power) for power, unit in enumerate(("B", "KB", "MB", "GB", "TB"))]
    + [("3 bytes", 3)],
)
def test_units_of_sizes(text: str, expected: int) -> None:
    """Powers of 1024."""
    assert values.size_bytes(text) == expected


MOST = 2**63 - 1
LONG = "x" * 70


@pytest.mark.parametrize(
    ("read", "text", "expected"),
    [
        (values.whole, str(MOST), MOST),
        (values.whole, str(-MOST), -MOST),
        (values.whole, f"{'0' * 14}123456", 123456),
        (values.count, "0", 0),
        (values.seconds, "0", 0.0),
        (values.seconds, "1,5", 1.5),
        (values.seconds, "", None),
        (values.megabytes, "1.5", 1572864),
        (values.megabytes, "0", 0),
        (values.megabytes, "", None),
        (values.real, ".5", Decimal("0.5")),
        (values.real, f"{'1' * 30}.{'2' * 30}", Decimal(f"{'1' * 30}.{'2' * 30}")),
        (values.elapsed_s, "1d 02h 03m 04s", 93784.0),
        (values.elapsed_s, "0:0:0.5", 0.5),
        (values.elapsed_s, "0:0:0,25", 0.25),
        (values.elapsed_s, f"{'0' * 34}1:0:0", 3600.0),
        (values.hex_hresult, "80070005", "0x80070005"),
        (values.hex_hresult, "0X80070005", "0x80070005"),
        (values.hex_hresult, " ", None),
        (values.hresult, "-2147483648", "0x80000000"),
        (values.hresult, "0xFFFFFFFF80070005", "0x80070005"),
        (values.error_code, "0x1F", 31),
        (values.error_code, "0xFFFFFFFF", 2**32 - 1),
        (values.error_code, "0x0", None),
        (values.error_code, "30", 30),
        (values.error_code, "0", None),
        (values.error_code, "", None),
        (values.hex_code, "1F", 31),
        (values.hex_code, "0xFFFFFFFF", 2**32 - 1),
        (values.hex_code, "0", None),
        (values.hex_code, "", None),
        (values.flag, "TRUE", True),
        (values.flag, "1", True),
        (values.flag, "Yes", True),
        (values.flag, "false", False),
        (values.flag, "0", False),
        (values.flag, "no", False),
        (values.flag, "", None),
        (values.size_bytes, "1024 TB", 1 << 50),
        (values.count, str(1 << 50), 1 << 50),
        (values.size_bytes, f"{' ' * 196}1 MB", 1 << 20),
        (values.text_or_none, " a ", "a"),
        (values.text_or_none, "NULL", None),
        (values.text_or_none, " ", None),
        (values.stated_text, "----------", None),
        (values.begins_missing, "NU", True),
        (values.begins_missing, "<byt", True),
        (values.begins_missing, "VM", False),
    ],
)
def test_a_cell(read, text, expected) -> None:
    """What each kind of cell may hold, up to the largest."""
    found = read(text)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("read", "text", "reason"),
    [
        (values.whole, str(MOST + 1), "does not fit 64 bits"),
        (values.whole, str(-MOST - 1), "does not fit 64 bits"),
        (values.whole, f"{'0' * 15}123456", "does not fit 64 bits"),
        (values.count, "-1", "'-1' is negative"),
        (values.seconds, "-0.1", "'-0.1' is negative"),
        (values.megabytes, "-1", "is no possible size"),
        (values.size_bytes, "1025 TB", "is no possible size"),
        (values.count, str((1 << 50) + 1), "is no possible size"),
        (values.size_bytes, f"{' ' * 197}1 MB", "is no size"),
        (values.real, "1" * 31, "is no number"),
        (values.real, f"1.{'2' * 31}", "is no number"),
        (values.elapsed_s, f"{'0' * 36}1:0:0", "is no elapsed time"),
        (values.elapsed_s, "1:60:0", "is no elapsed time"),
        (values.elapsed_s, "1:0:60", "is no elapsed time"),
        (values.hresult, "-2147483649", "does not fit the 32 bits"),
        (values.hresult, "4294967296", "does not fit the 32 bits"),
        (values.hresult, f"0x{'1' * 17}", "is no HRESULT"),
        (values.hresult, f"{'0' * 20}1", "is no HRESULT"),
        (values.hex_code, "1" * 9, "is no hexadecimal code"),
        (values.flag, "2", "is neither True nor False"),
    ]
    + [
        (read, LONG, f"^'{'x' * 60}' ")
        for read in (
            values.guid,
            values.whole,
            values.real,
            values.size_bytes,
            values.elapsed_s,
            values.hresult,
            values.hex_code,
            values.flag,
        )
    ]
    + [(values.count, f"-{'0' * 70}", f"^'-{'0' * 59}' ")],
)
def test_no_cell(read, text, reason) -> None:
    """Just beyond; of a long text 60 characters are said."""
    with pytest.raises(CellError, match=reason):
        read(text)
