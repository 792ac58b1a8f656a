"""Derivatives of a law by its rates, of which each row knows a few, and their products."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.planning.jobs import Floats, Ints

__all__ = ["Slopes"]


@dataclass(frozen=True, slots=True)
class Slopes:
    """A (rows, size) matrix with the same few entries known in each row; the others are 0.

    No library's sparse matrix: with as many entries in each row sums by column are sums by group, and importing scipy
    takes longer than the fit of a small estate.
    """

    values: Floats
    """(rows, known)"""
    columns: Ints
    """(rows, known): the column of each, no two of a row the same."""
    size: int

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, rows: Ints) -> Slopes:
        return Slopes(self.values[rows], self.columns[rows], self.size)

    def __matmul__(self, rates: Floats) -> Floats:
        """(rows,): the matrix times a vector."""
        return np.asarray((self.values * rates[self.columns]).sum(axis=1))

    def pulled(self, factor: Floats) -> Floats:
        """(size,): a vector of a number per row times the matrix."""
        return self._sums(self.columns, factor[:, None] * self.values, self.size)

    def gram(self, weight: Floats) -> Floats:
        """(size, size): the products of all columns, rows counted by their weight."""
        cell = self.columns[:, :, None] * self.size + self.columns[:, None, :]
        product = (weight[:, None] * self.values)[:, :, None] * self.values[:, None, :]
        return self._sums(cell, product, self.size**2).reshape(self.size, self.size)

    def by_group(self, group: Ints, groups: int, weight: Floats) -> Floats:
        """(groups, size): the weighted sums of the rows of each group."""
        cell = group[:, None] * self.size + self.columns
        return self._sums(cell, weight[:, None] * self.values, groups * self.size).reshape(groups, self.size)

    def dense(self) -> Floats:
        """(rows, size): with the zeros."""
        found = np.zeros((len(self), self.size))
        np.put_along_axis(found, self.columns, self.values, axis=1)
        return found

    @staticmethod
    def _sums(place: Ints, values: Floats, places: int) -> Floats:
        return np.asarray(np.bincount(place.ravel(), values.ravel(), minlength=places), np.float64)
