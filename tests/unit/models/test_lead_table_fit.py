from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_store.errors import SalesError
from models.leads.columns import TableReader
from models.leads.errors import NotEnoughToLearn, TableNotUsable
from models.leads.leaks import leaking_columns
from models.leads.table_fit import fit_table, read_table

ROWS = 400


@pytest.fixture
def table() -> pd.DataFrame:
    random = np.random.default_rng(0)
    visits = random.integers(0, 10, ROWS)
    bought = random.random(ROWS) < visits / 10
    return pd.DataFrame(
        {
            "visits": visits.astype(str),
            "source": random.choice(["web", "Select"], ROWS),
            "invoice": np.where(bought, "sent", ""),
            "duration": (visits * 10 + bought * 30 + random.integers(0, 20, ROWS)).astype(str),
            "Converted": np.where(bought, "Yes", "No"),
        }
    )


def test_a_table_is_measured_on_rows_held_out_beside_the_base_rate(table: pd.DataFrame) -> None:
    fitted = fit_table(table, "Converted", "yes", drop=["invoice", "duration"])
    assert fitted.rows == ROWS and fitted.held_out == ROWS / 4
    assert fitted.scores["ours"]["auc"] > 0.75 and fitted.scores["base rate"]["auc"] == 0.5
    assert fitted.scores["ours"]["brier"] < fitted.scores["base rate"]["brier"]
    assert fitted.strongest_columns[0][0] == "visits"
    best, worst = fitted.examples[0], fitted.examples[-1]
    assert best["chance"] > worst["chance"]
    assert any(words.startswith("visits") and words.endswith("(+)") for words in best["for"])


def test_columns_filled_in_afterwards_are_warned_of(table: pd.DataFrame) -> None:
    outcomes = (table.pop("Converted") == "Yes").to_numpy(int)
    found = {leak.column: leak.why for leak in leaking_columns(TableReader().fit(table), table, outcomes)}
    assert set(found) == {"invoice", "duration"}
    assert "filled in almost only" in found["invoice"]


@pytest.mark.parametrize(
    ("target", "positive", "drop", "about"),
    [
        ("Bought", "yes", [], "no column 'Bought'"),
        ("Converted", "1", [], "no row has '1'"),
        ("Converted", "yes", ["colour"], "no column 'colour'"),
        ("Converted", "yes", ["Converted"], "cannot be dropped"),
    ],
)
def test_what_cannot_be_done_is_said(
    table: pd.DataFrame, target: str, positive: str, drop: list[str], about: str
) -> None:
    with pytest.raises(TableNotUsable, match=about):
        fit_table(table, target, positive, drop)


def test_one_outcome_alone_is_refused(table: pd.DataFrame) -> None:
    with pytest.raises(NotEnoughToLearn, match="nothing to compare"):
        fit_table(table[table["Converted"] == "Yes"], "Converted", "Yes")


def test_a_positive_number_is_found_however_it_is_written(table: pd.DataFrame) -> None:
    table["Converted"] = np.where(table["Converted"] == "Yes", "1.0", "0.0")
    assert fit_table(table[["visits", "Converted"]], "Converted", "1").positives > 100


def test_a_file_with_another_separator_and_odd_rows_is_read(tmp_path: Path) -> None:
    file = tmp_path / "leads.csv"
    file.write_text("a;b\n1;2\n3\n4;5;6\n", encoding="utf-8")
    table, notes = read_table(file)
    assert table.to_numpy().tolist() == [["1", "2"], ["3", ""], ["4", "5"]]
    assert notes == ["2 rows have more or fewer cells than the header"]
    file.write_text("a;b\n", encoding="utf-8")
    with pytest.raises(TableNotUsable, match="no rows"):
        read_table(file)


cells = st.one_of(st.just(""), st.text(max_size=6), st.integers(-9, 9).map(str), st.floats().map(str))


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(cells, cells, st.sampled_from(["won", "lost", "", "-"])), max_size=90))
def test_an_odd_table_is_learned_from_or_refused_in_a_sentence(rows: list[tuple[str, str, str]]) -> None:
    table = pd.DataFrame(rows, columns=["a", "b", "end"], dtype=object)
    try:
        fitted = fit_table(table, "end", "won")
    except SalesError as refused:
        assert str(refused)
    else:
        assert 0 <= fitted.scores["ours"]["brier"] <= 1
