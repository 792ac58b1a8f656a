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
