"""Items that go together: cosine similarity of their columns, kept for the nearest ones only."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from models.baskets.rows import strong

FEWEST = 8  # customers or baskets
BLOCK = 1024  # items at a time: bounds the memory that co-occurrences take


def item_neighbours(matrix: sparse.csr_matrix, most: int, shrinkage: float) -> sparse.csr_matrix:
    """Items x items: similarity to the `most` nearest others; none for items of fewer than FEWEST rows.

    `matrix` has a row for each customer or basket. `shrinkage` pulls similarities that rest on few rows towards 0.
    """
    n_items = matrix.shape[1]
    usual = np.flatnonzero(np.bincount(matrix.indices, minlength=n_items) >= FEWEST)
    matrix = matrix[:, usual]
    columns = sparse.csr_matrix(matrix.T)
    norms = np.sqrt(np.asarray(columns.multiply(columns).sum(axis=1)).ravel()).astype(np.float32)
    rows, nearest, similarity = [], [], []
    for start in range(0, len(usual), BLOCK):
        block = (columns[start : start + BLOCK] @ matrix).tocsr()
        row = np.repeat(np.arange(block.shape[0], dtype=np.int32), np.diff(block.indptr)) + np.int32(start)
        block.data /= norms[row] * norms[block.indices] + np.float32(shrinkage)
        block.data[row == block.indices] = 0
        kept = strongest(block, most).tocoo()
        rows.append(kept.row + start)
        nearest.append(kept.col)
        similarity.append(kept.data)
    if not rows:
        return sparse.csr_matrix((n_items, n_items), dtype=np.float32)
    places = (usual[np.concatenate(rows)], usual[np.concatenate(nearest)])
    return sparse.csr_matrix((np.concatenate(similarity), places), shape=(n_items, n_items))


def strongest(matrix: sparse.csr_matrix, most: int) -> sparse.csr_matrix:
    """The `most` largest positive values of each row."""
    keep = strong(matrix.indptr, matrix.data, most)
    if keep.all():
        return matrix
    starts = np.append(0, np.cumsum(keep))[matrix.indptr].astype(matrix.indptr.dtype)
    return sparse.csr_matrix((matrix.data[keep], matrix.indices[keep], starts), shape=matrix.shape)
