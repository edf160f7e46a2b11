from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from models.baskets.rows import Rows, row_places

WIDTH = 6


def rows_of(table):
    matrix = sparse.csr_matrix(np.array(table, dtype=np.float32))
    return Rows(matrix.indptr, matrix.indices, matrix.data, matrix.shape[1])


def table_of(rows):
    return sparse.csr_matrix((rows.data, rows.indices, rows.indptr), shape=(len(rows), rows.width)).toarray()


def test_lookup_is_zero_where_there_is_nothing():
    rows = rows_of([[0, 2], [3, 0]])
    assert rows.lookup(np.array([0, 0, 1]), np.array([0, 1, 0])).tolist() == [0, 2, 3]
    assert rows_of([[0, 0]]).lookup(np.array([0]), np.array([1])).tolist() == [0]


def test_the_strongest_of_each_row_stay():
    rows = rows_of([[3, 1, 2, 0], [0, 0, 4, 0]])
    assert table_of(rows.strongest(2)).tolist() == [[3, 0, 2, 0], [0, 0, 4, 0]]
    assert rows.strongest(3) is rows


def test_places_of_rows_follow_each_other():
    matrix = sparse.csr_matrix(np.array([[1.0, 2.0], [0.0, 0.0], [0.0, 3.0]]))
    places, lengths = row_places(matrix, np.array([2, 1, 0]))
    assert matrix.data[places].tolist() == [3, 1, 2]
    assert lengths.tolist() == [1, 0, 2]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 3), min_size=WIDTH, max_size=WIDTH), min_size=1, max_size=3),
    st.lists(st.lists(st.integers(0, 2), min_size=4, max_size=4), min_size=WIDTH, max_size=WIDTH),
)
def test_one_question_and_many_multiply_alike(left, right):
    wanted = np.array(left) @ np.array(right)
    matrix = sparse.csr_matrix(np.array(right, dtype=np.float32))
    product = rows_of(left).times(matrix)
    assert table_of(product) == pytest.approx(wanted)
    for number, row in enumerate(left):
        alone = rows_of([row]).times(matrix)
        assert table_of(alone)[0] == pytest.approx(wanted[number])
        assert (np.diff(alone.keys()) > 0).all()
