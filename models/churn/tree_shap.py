"""TreeSHAP of small LightGBM trees by look-up: what LightGBM's ``pred_contrib`` gives, to 1e-9, many times faster.

What a tree adds to a row's score by each feature depends on nothing but which of its splits send the row left. A tree
of eight leaves has seven splits, that is, 128 cases: they are worked out once (as in Fast TreeSHAP v2, Yang 2021,
arXiv:2109.09847), and then a row costs a look-up a tree and feature. Why not by a library: docs/adr/0029.

This file is stored, as text, with every model, with `models.churn.scorer`: it may import libraries only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

import lightgbm as lgb
import numpy as np

SPLITS = 7
"""Splits of one table. A tree with more is cut into its branches, each with the splits on the way to it."""

DEEPEST = 12
"""Splits on the way to a leaf, at most: a leaf's table has 4,096 cases then."""

MOST_LEAVES = 64
"""Of a tree."""

MOST_CELLS = 4_000_000
"""Numbers in the tables of all trees: 32 MB."""

BLOCK = 64
"""Rows that are looked up at a time: what they need in between stays in the processor's cache."""

CATEGORICAL, LEFT_IF_MISSING, ZERO_IS_MISSING, NAN_IS_MISSING = 1, 2, 4, 8
"""The bits of LightGBM's ``decision_type``."""

ZERO = 1e-35
"""What LightGBM takes for zero, and below."""

Way = list[tuple[int, bool, int]]
"""Splits that a row passes: the split, whether the row goes left, and where to."""

Read = tuple[int, bool, bool]
"""How a split reads the rows: the column, whether a missing value goes left, whether 0 is one."""


class _Tree(NamedTuple):
    """A tree as LightGBM writes it. A child is the number of a split, or -1 less that of a leaf."""

    split_feature: np.ndarray
    threshold: np.ndarray
    decision_type: np.ndarray
    left_child: np.ndarray
    right_child: np.ndarray
    leaf_value: np.ndarray
    leaf_count: np.ndarray
    internal_count: np.ndarray

    def rows(self, child: int) -> int:
        """Training rows that came to a split or a leaf."""
        return int(self.internal_count[child] if child >= 0 else self.leaf_count[-1 - child])

    def mean(self) -> float:
        """Of the values of the training rows."""
        if len(self.leaf_value) == 1:
            return float(self.leaf_value[0])
        return float(self.leaf_value @ self.leaf_count / self.internal_count[0])

    def children(self, split: int) -> tuple[tuple[int, bool], tuple[int, bool]]:
        """Both, and whether it is the left one."""
        return (int(self.left_child[split]), True), (int(self.right_child[split]), False)

    def splits(self, child: int) -> list[int]:
        """Those below a child, itself among them."""
        return [] if child < 0 else [child, *(s for below, _ in self.children(child) for s in self.splits(below))]

    def leaves(self, child: int, way: Way) -> Iterator[tuple[int, Way]]:
        """Those below a child, each with the way to it."""
        if child < 0:
            yield -1 - child, way
            return
        for below, left in self.children(child):
            yield from self.leaves(below, [*way, (child, left, below)])

    def branches(self, child: int = 0, way: Way | None = None) -> Iterator[_Branch]:
        """The tree in one piece, or cut where it has too many splits."""
        way = way or []
        splits = [*(split for split, _, _ in way), *self.splits(child)]
        if child < 0 or len(splits) <= SPLITS:
            yield _Branch(self, splits, list(self.leaves(child, way)))
            return
        for below, left in self.children(child):
            yield from self.branches(below, [*way, (child, left, below)])

    def read(self, split: int) -> Read:
        """How a split reads its column; NaN counts as 0 where it does not count as missing."""
        kind, zero_too = int(self.decision_type[split]), bool(self.decision_type[split] & ZERO_IS_MISSING)
        marked = kind & (ZERO_IS_MISSING | NAN_IS_MISSING)
        left = kind & LEFT_IF_MISSING if marked else self.threshold[split] >= 0
        return int(self.split_feature[split]), bool(left), zero_too


class _Branch(NamedTuple):
    """A tree or a part of it: all splits that tell its cases apart, and its leaves with the ways to them."""

    tree: _Tree
    splits: list[int]
    leaves: list[tuple[int, Way]]

    @property
    def cases(self) -> int:
        """In each, the n-th bit says whether the n-th split sends a row left."""
        return 1 << len(self.splits)

    def features(self) -> set[int]:
        """The columns that it looks at."""
        return set(self.tree.split_feature[self.splits].tolist())

    def conditions(self) -> Iterator[tuple[float, dict[int, tuple[int, int, float]]]]:
        """Of each leaf its value, and what each feature must fulfil for a row to come there.

        That is: the bits of a case that speak of the feature, what they must be, and the share of the training rows
        that fulfilled it.
        """
        bit = {split: 1 << n for n, split in enumerate(self.splits)}
        for leaf, way in self.leaves:
            of_features: dict[int, tuple[int, int, float]] = {}
            for split, left, child in way:
                feature = int(self.tree.split_feature[split])
                bits, wanted, share = of_features.get(feature, (0, 0, 1.0))
                share *= self.tree.rows(child) / self.tree.rows(split)
                of_features[feature] = (bits | bit[split], wanted | left * bit[split], share)
            yield float(self.tree.leaf_value[leaf]), of_features


@dataclass(frozen=True)
class TreeTables:
    """The mean of some boosters as tables: a number for each feature of each branch, in each case.

    Parameters
    ----------
    columns
        Of the matrix that the boosters take.
    base
        What all rows have in common: the mean of the training rows.
    inputs, unknown, zero_too
        The ways in which a column is read: the column; what stands for a missing value, -inf where it goes left and
        NaN, which is below no threshold, where it goes right; whether 0 counts as missing.
    levels
        For the n-th split of each branch that has so many (those with the most go first): the way in which it reads,
        and its threshold.
    branches, starts
        Of each feature of each branch, by feature: the branch, and where its cases start in ``cells``.
    features, first
        The columns in use, and where each starts among those.
    """

    columns: int
    base: float
    inputs: np.ndarray
    unknown: np.ndarray
    zero_too: np.ndarray
    levels: list[tuple[np.ndarray, np.ndarray]]
    branches: np.ndarray
    starts: np.ndarray
    cells: np.ndarray
    features: np.ndarray
    first: np.ndarray

    def contributions(self, matrix: np.ndarray) -> np.ndarray:
        """What ``pred_contrib`` gives, mean over the boosters; shape (rows, columns + 1), the base last."""
        total = np.zeros((len(matrix), self.columns + 1))
        total[:, -1] = self.base
        if len(self.features):
            for start in range(0, len(matrix), BLOCK):
                total[start : start + BLOCK, self.features] = self._looked_up(matrix[start : start + BLOCK]).T
        return total

    def _looked_up(self, matrix: np.ndarray) -> np.ndarray:
        """Shape (features, rows)."""
        values = np.asarray(matrix.T[self.inputs], dtype=np.float64)
        missing = np.isnan(values)
        if self.zero_too.any():
            missing |= self.zero_too[:, None] & (np.abs(values) <= ZERO)
        values = np.where(missing, self.unknown[:, None], values)
        cases = np.zeros((len(self.levels[0][0]), len(matrix)), dtype=np.uint16)
        for level, (inputs, thresholds) in enumerate(self.levels):
            left = values[inputs] <= thresholds[:, None]
            cases[: len(inputs)] |= left.astype(np.uint16) << level
        contributions = self.cells.take(self.starts[:, None] + cases[self.branches])
        return np.asarray(np.add.reduceat(contributions, self.first, axis=0))


def tables_of(boosters: Sequence[lgb.Booster]) -> TreeTables | None:
    """Work the tables out, in some half second for a thousand trees; None where ``pred_contrib`` has to do it.

    That is: several classes, averaged or linear trees, splits on categories, training rows that were not counted, trees
    too large, or too many cells.
    """
    texts = [booster.model_to_string() for booster in boosters]
    trees = [tree for text in texts for tree in _trees(text)] if all(map(_is_plain, texts)) else []
    if not trees or not all(map(_is_small, trees)):
        return None
    grown = [tree for tree in trees if len(tree.leaf_value) > 1]
    branches = sorted((branch for tree in grown for branch in tree.branches()), key=lambda one: -one.cases)
    slots = sorted((feature, number) for number, branch in enumerate(branches) for feature in branch.features())
    sizes = np.array([branches[number].cases for _, number in slots], dtype=np.intp)
    if any(len(branch.splits) > DEEPEST for branch in branches) or sizes.sum() > MOST_CELLS:
        return None
    starts = np.cumsum(sizes) - sizes
    cells = _cells(branches, dict(zip(slots, starts.tolist(), strict=True)), int(sizes.sum()))
    reads, levels = _levels(branches)
    features, first = np.unique(np.array([feature for feature, _ in slots], dtype=np.intp), return_index=True)
    return TreeTables(
        columns=boosters[0].num_feature(),
        base=sum(tree.mean() for tree in trees) / len(boosters),
        inputs=np.array([column for column, _, _ in reads], dtype=np.intp),
        unknown=np.array([-np.inf if left else np.nan for _, left, _ in reads]),
        zero_too=np.array([zero_too for _, _, zero_too in reads], dtype=bool),
        levels=levels,
        branches=np.array([number for _, number in slots], dtype=np.intp),
        starts=starts,
        cells=cells / len(boosters),
        features=features,
        first=first,
    )


def _is_plain(text: str) -> bool:
    """Whether a model is one sum of trees."""
    head = text.partition("\nTree=")[0].splitlines()
    return "num_tree_per_iteration=1" in head and "average_output" not in head


def _trees(text: str) -> Iterator[_Tree]:
    """Of LightGBM's own text: blocks of lines ``name=numbers``, which keep every bit."""
    floats = {"threshold", "leaf_value"}
    for block in text.split("\nTree=")[1:]:
        of_tree = dict(line.split("=", 1) for line in block.partition("\n\n")[0].splitlines()[1:])
        if of_tree.get("is_linear", "0") != "0":
            of_tree["leaf_count"] = ""  # as if nobody had counted: such leaves hold more than a value
        numbers = {name: of_tree.get(name, "").split() for name in _Tree._fields}
        yield _Tree(**{name: np.array(of, np.float64 if name in floats else np.int64) for name, of in numbers.items()})


def _is_small(tree: _Tree) -> bool:
    """Whether a tree has few leaves, no categories, and training rows in each: without them nothing is usual."""
    leaves = len(tree.leaf_value)
    if leaves == 1:
        return True
    counted = len(tree.leaf_count) == leaves and (tree.leaf_count > 0).all() and (tree.internal_count > 0).all()
    return bool(leaves <= MOST_LEAVES and counted and not (tree.decision_type & CATEGORICAL).any())


def _levels(branches: Sequence[_Branch]) -> tuple[list[Read], list[tuple[np.ndarray, np.ndarray]]]:
    """The distinct ways of reading, and as `TreeTables` has them the splits."""
    reads, levels = dict[Read, int](), []
    for level in range(len(branches[0].splits) if branches else 0):
        splits = [(one.tree, one.splits[level]) for one in branches if len(one.splits) > level]
        inputs = [reads.setdefault(tree.read(split), len(reads)) for tree, split in splits]
        levels.append((np.array(inputs), np.array([tree.threshold[split] for tree, split in splits])))
    return list(reads), levels


def _cells(branches: Sequence[_Branch], start_of: Mapping[tuple[int, int], int], size: int) -> np.ndarray:
    """What each feature adds in each case of a branch: the sum over its leaves, many leaves at once."""
    leaves = [
        (branch.cases, value, [(start_of[feature, number], *of_feature) for feature, of_feature in needed.items()])
        for number, branch in enumerate(branches)
        for value, needed in branch.conditions()
    ]

    def shape(leaf: tuple[int, float, list[tuple[int, int, int, float]]]) -> tuple[int, int]:
        return leaf[0], len(leaf[2])

    cells = np.zeros(size)
    for (count, features), alike in groupby(sorted(leaves, key=shape), key=shape):
        group, cases = list(alike), np.arange(count)[:, None]
        at_once = max(1, 250_000 // (count * features))
        for part in (group[begin : begin + at_once] for begin in range(0, len(group), at_once)):
            of_leaves = np.array([needed for _, _, needed in part])[:, None]
            starts, bits, wanted = np.moveaxis(of_leaves[..., :3].astype(np.int64), -1, 0)
            values = np.array([value for _, value, _ in part])[:, None, None]
            np.add.at(cells, starts + cases, values * _shapley((cases & bits) == wanted, of_leaves[..., 3]))
    return cells


def _shapley(met: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Shapley values of a product of conditions (last axis), each 1 or 0 where known (met or not), else its share.

    The Shapley weight of a set S, |S|! (d - 1 - |S|)! / d!, is the integral of t^|S| (1 - t)^(d - 1 - |S|) over t from
    0 to 1; so the sum over all sets is the integral of a product, which Gauss's points give exactly.
    """
    points, weights = np.polynomial.legendre.leggauss(met.shape[-1] // 2 + 1)
    total = np.zeros(met.shape)
    for t, weight in zip((points + 1) / 2, weights / 2, strict=True):
        factors = share * (1 - t) + met * t
        total += weight * factors.prod(axis=-1, keepdims=True) / factors
    return np.asarray((met - share) * total)
