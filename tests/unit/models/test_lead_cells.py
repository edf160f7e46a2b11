from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from models.leads.cells import are_numbers, as_dates, as_numbers, as_texts, date_format


def texts(*cells: object) -> pd.Series:
    return as_texts(pd.Series(cells, dtype=object))


@pytest.mark.parametrize(
    "cell", ["Select", "", "NA", " unknown ", "-", "n/a", "N.A.", "null", "?", None, np.nan, "未知"]
)
def test_nothing_is_written_in_many_ways(cell: object) -> None:
    assert texts("known", cell).tolist() == ["known", None]


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("1,234.5", 1234.5),
        ("$1 200", 1200),
        ("12 %", 12),
        ("1.234,56", 1234.56),
        ("3,5", 3.5),
        ("-7", -7),
        ("1e3", 1000),
    ],
)
def test_numbers_are_read_however_they_are_written(cell: str, number: float) -> None:
    assert as_numbers(texts(cell, "x")).tolist()[0] == number
    assert np.isnan(as_numbers(texts(cell, "x")).tolist()[1])


@pytest.mark.parametrize("cell", ["1e999", "nan", "inf", "1-2", "12a", "++1"])
def test_what_is_no_usual_number_is_none(cell: str) -> None:
    assert np.isnan(as_numbers(pd.Series([cell], dtype=object)).iloc[0])


def test_codes_and_phone_numbers_are_no_quantities() -> None:
    assert are_numbers(texts("5", "12", None, "7.5"))
    assert not are_numbers(texts("00123", "00777"))
    assert not are_numbers(texts("+442071234567", "+442071234568"))


@pytest.mark.parametrize(
    "cells", [("2026-11-23", "2026-01-02"), ("23/11/2026", "02/01/2026"), ("Nov 23, 2026", "Jan 02, 2026")]
)
def test_dates_are_read_in_the_format_that_fits_all(cells: tuple[str, str]) -> None:
    form = date_format(texts(*cells))
    assert form is not None
    assert [day.date().isoformat() for day in as_dates(texts(*cells), form)] == ["2026-11-23", "2026-01-02"]


def test_versions_are_no_dates() -> None:
    assert date_format(texts("1.2.3 beta", "again")) is None
