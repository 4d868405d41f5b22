"""Two rows of character slots -> which slot of one is the same character as which of the other.

An edit distance over probabilities: putting two slots together costs the probability that they differ,
leaving one alone costs the probability that it holds a character at all.
"""

from __future__ import annotations

import numpy as np

from processors.readings.slots import BLANK, Floats, Slots

ENOUGH_CHARACTERS = 5
"""So many legible characters tell one plate from another."""
# Half a city's plates begin with the same letters of state, office and series: some of the number is needed.
_ENOUGH_OF_THE_BEGINNING = 8
_MOSTLY = 0.5
_OTHER_LINE = 0.5
_TOGETHER, _LEFT_ALONE, _RIGHT_ALONE = 0, 1, 2

Pairs = list[tuple[int | None, int | None]]


def aligned(left: Slots, right: Slots) -> tuple[Pairs, float]:
    """Pairs of slot numbers in reading order (None: alone) and their cost."""
    together = _differing(left, right).tolist()
    left_alone = (1.0 - left.probabilities[:, BLANK]).tolist()
    right_alone = (1.0 - right.probabilities[:, BLANK]).tolist()
    costs, moves = _table(together, left_alone, right_alone)
    return _way_back(moves, len(left), len(right)), costs[len(left)][len(right)]


def surely_differing(left: Slots, right: Slots) -> float:
    """How many characters differ beyond what the blur of either side explains.

    0 for a plate and itself, however blurred; about 1 for each character that both sides are sure of
    and do not share.
    """
    _, cost = aligned(left, right)
    return max(0.0, cost - (_own_cost(left) + _own_cost(right)) / 2)


def surely_differing_in_part(left: Slots, right: Slots) -> float:
    """`surely_differing` where one may show only the beginning or the end of the other: the rest was out of
    the picture or behind something. Enough characters must stand against each other."""
    whole = surely_differing(left, right)
    left, right = _written(left), _written(right)
    pairs, _ = aligned(left, right)
    both = [index for index, (one, other) in enumerate(pairs) if one is not None and other is not None]
    if not both:
        return whole
    lacks_beginning, lacks_end = both[0] > 0, both[-1] < len(pairs) - 1
    if lacks_beginning == lacks_end:
        return whole
    if len(both) < (_ENOUGH_OF_THE_BEGINNING if lacks_end else ENOUGH_CHARACTERS):
        return whole
    parts = pairs[both[0] : both[-1] + 1]
    one = _some(left, [index for index, _ in parts if index is not None])
    other = _some(right, [index for _, index in parts if index is not None])
    return min(whole, surely_differing(one, other))


def legible(slots: Slots, *, least: float = 0.6) -> int:
    """How many characters are read with at least this probability."""
    if len(slots) == 0:
        return 0
    return int((slots.probabilities[:, :BLANK].max(axis=1) >= least).sum())


def is_legible(slots: Slots) -> bool:
    """Whether enough characters are read to tell plates apart: ornaments read as a few."""
    return legible(slots) >= ENOUGH_CHARACTERS


def _written(slots: Slots) -> Slots:
    """Without the slots that most probably hold no character."""
    return _some(slots, np.flatnonzero(slots.probabilities[:, BLANK] < _MOSTLY).tolist())


def _some(slots: Slots, numbers: list[int]) -> Slots:
    return Slots(slots.probabilities[numbers], slots.boxes[numbers], slots.lines[numbers])


def _own_cost(slots: Slots) -> float:
    """The cost of the slots put together with themselves."""
    return float((1.0 - (slots.probabilities**2).sum(axis=1)).sum())


def _differing(left: Slots, right: Slots) -> Floats:
    agreeing = left.probabilities @ right.probabilities.T
    # Where one side took two lines for one, its characters stand in no other line than the other's.
    both_in_lines = len(set(left.lines.tolist())) > 1 and len(set(right.lines.tolist())) > 1
    other_line = both_in_lines & (left.lines[:, None] != right.lines[None, :])
    differing: Floats = np.clip(1.0 - agreeing, 0.0, 1.0) + _OTHER_LINE * other_line
    return differing


def _table(
    together: list[list[float]], left_alone: list[float], right_alone: list[float]
) -> tuple[list[list[float]], list[list[int]]]:
    rows, columns = len(left_alone), len(right_alone)
    costs = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    moves = [[_TOGETHER] * (columns + 1) for _ in range(rows + 1)]
    for row in range(rows + 1):
        for column in range(columns + 1):
            if row == 0 and column == 0:
                continue
            options = []
            if row and column:
                options.append((costs[row - 1][column - 1] + together[row - 1][column - 1], _TOGETHER))
            if row:
                options.append((costs[row - 1][column] + left_alone[row - 1], _LEFT_ALONE))
            if column:
                options.append((costs[row][column - 1] + right_alone[column - 1], _RIGHT_ALONE))
            costs[row][column], moves[row][column] = min(options)
    return costs, moves


def _way_back(moves: list[list[int]], row: int, column: int) -> Pairs:
    pairs: Pairs = []
    while row or column:
        move = moves[row][column]
        row -= move != _RIGHT_ALONE
        column -= move != _LEFT_ALONE
        pairs.append((None if move == _RIGHT_ALONE else row, None if move == _LEFT_ALONE else column))
    pairs.reverse()
    return pairs
