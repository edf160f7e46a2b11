"""Files are read however they were saved, and values however they are written."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.orm import Session

from crm_store.errors import ImportRefused
from crm_store.importing import import_file
from crm_store.importing.columns import normalised, snake_case
from crm_store.importing.report import RowRefused
from crm_store.importing.sheets import open_sheet
from crm_store.importing.values import DateReader, money, whole_number, yes_or_no
from tests.factories import NOW

TEXT = "sku,name,price\nA,Café,1\n"


@pytest.mark.parametrize(
    ("content", "noted"),
    [
        (TEXT.encode(), False),
        (TEXT.encode("utf-8-sig"), False),
        (TEXT.encode("utf-16"), False),
        (TEXT.encode("latin-1"), True),
        (gzip.compress(TEXT.encode()), False),
        (TEXT.replace(",", ";").encode(), False),
        (TEXT.replace(",", "\t").encode(), False),
        (TEXT.replace("\n", "\r\n").encode(), False),
        (b"\n\n" + TEXT.encode(), False),
    ],
)
def test_a_file_reads_the_same_however_it_was_saved(tmp_path: Path, content: bytes, noted: bool) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(content)
    sheet = open_sheet(path)
    assert sheet.columns == ["sku", "name", "price"]
    assert [cells for _, cells in sheet.rows()] == [["A", "Café", "1"]]
    assert bool(sheet.notes) is noted


def test_a_file_of_chinese_excel_is_read_as_such(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes("货号,名称,价格\nA,头盔,1\n".encode("gb18030"))
    assert [cells for _, cells in open_sheet(path).rows()] == [["A", "头盔", "1"]]


def test_rows_are_numbered_by_their_line_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text('sku,name\nA,"two\nlines"\n\nB,one\n')
    assert [line for line, _ in open_sheet(path).rows()] == [2, 5]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"PK\x03\x04rest", "save it as CSV"),
        (gzip.compress(TEXT.encode() * 100)[:-12], "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(content)
    with pytest.raises(ImportRefused, match=reason):
        open_sheet(path)


def test_a_file_that_is_not_there_is_refused(session: Session, tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(ImportRefused, match="cannot be read"):
            import_file(session, "products", path, now=NOW)
    with pytest.raises(ImportRefused, match="no import of 'deals'"):
        import_file(session, "deals", tmp_path / "none.csv", now=NOW)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("34.99", "34.99"),
        ("33.645", "33.65"),
        ("$1,299.00", "1299.00"),
        ("1.299,00 €", "1299.00"),
        ("1 299,50", "1299.50"),
        ("1,299", "1299.00"),
        ("12,5", "12.50"),
        ("¥99", "99.00"),
        ("USD 5", "5.00"),
        ("1,234,567.8", "1234567.80"),
        ("0", "0.00"),
        (".5", "0.50"),
    ],
)
def test_money_is_read_however_it_is_written(text: str, amount: str) -> None:
    assert money(text, "price") == Decimal(amount)


@pytest.mark.parametrize("text", ["cheap", "-1", "1/2", "12-13", "nan", "1e5", "inf", "9" * 30, "", "1,2,3.4.5"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(RowRefused):
        money(text, "price")


def test_counts_and_answers_are_read() -> None:
    assert whole_number("2.0", "stock") == 2
    assert (yes_or_no("TRUE", "x"), yes_or_no("n", "x")) == (True, False)
    for text in ("1.5", "-1", "many", "9" * 20):
        with pytest.raises(RowRefused):
            whole_number(text, "stock")
    with pytest.raises(RowRefused):
        yes_or_no("perhaps", "x")


@pytest.mark.parametrize(
    ("column", "country", "text", "expected"),
    [
        ([], "GB", "2025-03-01", "2025-03-01T00:00:00+00:00"),
        ([], "GB", "2025-03-01T09:30:00.000+0000", "2025-03-01T09:30:00+00:00"),
        ([], "GB", "2024-01-05 10:00:00 -0500", "2024-01-05T15:00:00+00:00"),
        ([], "GB", "2024-01-05 10:00:00 UTC", "2024-01-05T10:00:00+00:00"),
        ([], "GB", "3/4/2025", "2025-04-03T00:00:00+00:00"),
        ([], "US", "3/4/2025 1:05 PM", "2025-03-04T13:05:00+00:00"),
        (["13/1/2025"], "US", "3/4/2025", "2025-04-03T00:00:00+00:00"),
        (["1/13/2025"], "GB", "3.4.2025 8:26", "2025-03-04T08:26:00+00:00"),
    ],
)
def test_dates_are_read_as_the_whole_column_has_them(column: list[str], country: str, text: str, expected: str) -> None:
    reader = DateReader([*column, text], country=country, zone=UTC)
    assert reader.at(text, "date") == datetime.fromisoformat(expected)


def test_a_time_without_an_offset_is_in_the_zone_of_the_shop() -> None:
    reader = DateReader([], country="CN", zone=ZoneInfo("Asia/Shanghai"))
    assert reader.at("2025-03-01 08:00", "date") == datetime(2025, 3, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize("text", ["soon", "2025-02-30", "31/31/2025", "0001-01-01", "1/1/2025 25:00", ""])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(RowRefused):
        DateReader([], country="GB", zone=UTC).at(text, "date")


def test_column_names_are_compared_without_their_dress() -> None:
    assert normalised("Product SKU") == normalised("product_sku") == normalised("ProductSKU")
    assert snake_case("EducationLevel") == "education_level"
    assert snake_case("Contact Owner.id") == "contact_owner_id"
