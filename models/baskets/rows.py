"""Sparse rows of items, for one question or many, without the checks that cost more than the work for a single one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from models.baskets.purchases import ranges


@dataclass(frozen=True, slots=True)
class Rows:
    """Laid out like scipy's CSR, columns ascending in each row."""

    indptr: np.ndarray
    indices: np.ndarray
    data: np.ndarray
    width: int

    def __len__(self) -> int:
        return len(self.indptr) - 1

    def keys(self) -> np.ndarray:
        """Row x width + column of each value, ascending."""
        if len(self) == 1:
            return self.indices.astype(np.int64)
        return np.repeat(np.arange(len(self)), np.diff(self.indptr)) * np.int64(self.width) + self.indices

    def lookup(self, row: np.ndarray, column: np.ndarray) -> np.ndarray:
        """Values at (row, column), 0 where there is none; both are arrays."""
        if not len(self.data):
            return np.zeros(len(row), np.float32)
        keys, wanted = self.keys(), row * np.int64(self.width) + column
        place = np.minimum(keys.searchsorted(wanted), len(keys) - 1)
        return np.where(keys[place] == wanted, self.data[place], np.float32(0))

    def strongest(self, most: int) -> Rows:
        """The `most` largest positive values of each row."""
        keep = strong(self.indptr, self.data, most)
        if keep.all():
            return self
        starts = np.append(0, np.cumsum(keep))[self.indptr]
        return Rows(starts, self.indices[keep], self.data[keep], self.width)

    def times(self, matrix: sparse.csr_matrix) -> Rows:
        """The product with a matrix that has a row for each column of these."""
        if len(self) == 1:
            return self._one_times(matrix)
        shape = (len(self), matrix.shape[0])
        product = (sparse.csr_matrix((self.data, self.indices, self.indptr), shape=shape) @ matrix).tocsr()
        product.sort_indices()
        return Rows(product.indptr, product.indices, product.data, matrix.shape[1])

    def _one_times(self, matrix: sparse.csr_matrix) -> Rows:
        places, lengths = row_places(matrix, self.indices)
        order = np.argsort(columns := matrix.indices[places], kind="stable")
        columns, values = columns[order], (matrix.data[places] * self.data.repeat(lengths))[order]
        starts = np.flatnonzero(np.append(True, columns[1:] != columns[:-1])) if len(columns) else order
        if len(columns):
            columns, values = columns[starts], np.add.reduceat(values, starts)
        return Rows(np.array([0, len(columns)]), columns, values, matrix.shape[1])


def row_places(matrix: sparse.csr_matrix, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where the values of these rows are, one row after the other, and how many each has."""
    starts = matrix.indptr[rows]
    lengths = matrix.indptr[rows + 1] - starts
    return ranges(starts, lengths), lengths


def strong(indptr: np.ndarray, data: np.ndarray, most: int) -> np.ndarray:
    """Which values are among the `most` largest of their row, and positive."""
    lengths = np.diff(indptr)
    keep = data > 0
    for row in np.flatnonzero(lengths > most):
        part = slice(indptr[row], indptr[row + 1])
        values = data[part]
        keep[part] &= values >= np.partition(values, len(values) - most)[len(values) - most]
    return keep
