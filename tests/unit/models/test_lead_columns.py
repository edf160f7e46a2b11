from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.leads.columns import OTHER, ColumnKind, TableReader, names_of

ROWS = 60


@pytest.fixture
def table() -> pd.DataFrame:
    numbers = np.arange(ROWS)
    return pd.DataFrame(
        {
            "Lead ID": numbers + 5000,
            "e-mail": [f"p{n}@example.org" for n in numbers],
            "country": ["UK"] * ROWS,
            "fax": ["Select"] * ROWS,
            "visits": [str(n % 7) if n % 5 else "n/a" for n in numbers],
            "source": ["web", "advert", "shop"] * (ROWS // 3),
            "first seen": pd.date_range("2026-01-05", periods=ROWS).strftime("%d/%m/%Y"),
            "notes": [
                f"asked for a price of item {n}, very urgent" if n % 2 else f"only looks around {n}" for n in numbers
            ],
        }
    )


def test_every_column_is_read_as_what_it_holds(table: pd.DataFrame) -> None:
    reader = TableReader().fit(table)
    assert {column.name: column.kind for column in reader.columns_} == {
        "visits": ColumnKind.NUMBER,
        "source": ColumnKind.CATEGORY,
        "first seen": ColumnKind.DATE,
        "notes": ColumnKind.TEXT,
    }
    assert set(reader.dropped_) == {"Lead ID", "e-mail", "country", "fax"}
    assert "own number" in reader.dropped_["Lead ID"] and "'UK'" in reader.dropped_["country"]


def test_a_table_becomes_floats_and_what_is_unknown_nan(table: pd.DataFrame) -> None:
    read = TableReader().fit(table).transform(table)
    assert read["visits"].isna().sum() == ROWS / 5
    assert read["first seen: weekday"].tolist()[:3] == [0, 1, 2]
    assert read["notes: “urgent”"].sum() == ROWS / 2


def test_values_never_seen_are_other_and_missing_columns_unknown(table: pd.DataFrame) -> None:
    reader = TableReader().fit(table)
    read = reader.transform(pd.DataFrame({"source": ["fair", None], "visits": ["2", "many"]}))
    levels = next(column.levels for column in reader.columns_ if column.name == "source")
    assert read["source"].tolist()[0] == levels.index(OTHER)
    assert np.isnan(read["source"].tolist()[1]) and np.isnan(read["visits"].tolist()[1])
    assert read["first seen: day"].isna().all()


def test_names_are_made_different() -> None:
    assert names_of(pd.DataFrame([[1, 2, 3]], columns=["x", " x ", ""])) == ["x", "x (2)", "column 3"]


cells = st.one_of(st.none(), st.text(max_size=12), st.integers(), st.floats(), st.booleans(), st.dates().map(str))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(cells, cells), min_size=1, max_size=30))
def test_any_table_at_all_can_be_read(rows: list[tuple[object, object]]) -> None:
    table = pd.DataFrame({"a": pd.Series([r[0] for r in rows], dtype=object), "b": [r[1] for r in rows]})
    read = TableReader().fit(table).transform(table)
    assert len(read) == len(table)
    assert not np.isinf(read.to_numpy(float)).any()
