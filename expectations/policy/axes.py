"""A measure as an axis, cut at every bound in the conditions into cells whose values no condition tells apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from expectations.policy.evaluate import MeasureValue
from expectations.policy.model import Condition, Measure

# The name of a category that no rule names, in a proof; no vocabulary lists it.
OTHER = "any other"


@dataclass(frozen=True)
class Span:
    """A band of numbers; an end of None is open."""

    lower: Decimal | None = None
    lower_inclusive: bool = False
    upper: Decimal | None = None
    upper_inclusive: bool = False

    @property
    def is_point(self) -> bool:
        """Whether it is a single number."""
        return self.lower is not None and self.lower == self.upper

    def joined(self, after: Span) -> Span:
        """This band and the one that follows it."""
        return replace(self, upper=after.upper, upper_inclusive=after.upper_inclusive)


@dataclass(frozen=True)
class Cell:
    """Values that no condition tells apart. value represents all; span or categories list them; neither: unknown."""

    value: MeasureValue
    span: Span | None = None
    categories: tuple[str, ...] = ()

    @property
    def is_unknown(self) -> bool:
        """Whether it is the cell of customers whose value is unknown."""
        return self.value is None


@dataclass(frozen=True)
class Axis:
    """A measure cut into cells."""

    measure: Measure
    cells: tuple[Cell, ...]


def cut(measure: Measure, conditions: Sequence[Condition], vocabulary: Sequence[str], is_unknown: bool) -> Axis:
    """The axis of a measure: the cells that these conditions tell apart, after a first cell for unknown values."""
    own = [condition for condition in conditions if condition.measure_id == measure.measure_id]
    cells: list[Cell] = [Cell(None)] if is_unknown else []
    if measure.is_number:
        cells += _number_cells(measure, own)
    named = dict.fromkeys(condition.category for condition in own if condition.category)
    # A number may have categories beside its numbers; a category without a vocabulary may have any value.
    categories = tuple(dict.fromkeys([*vocabulary, *named]))
    if not measure.is_number and not vocabulary:
        categories += (OTHER,)
    alike: dict[tuple[bool, ...], list[str]] = {}
    for category in categories:
        alike.setdefault(tuple(condition.holds(category) for condition in own), []).append(category)
    cells += [Cell(group[0], categories=tuple(group)) for group in alike.values()]
    return Axis(measure, tuple(cells))


def _number_cells(measure: Measure, conditions: Sequence[Condition]) -> list[Cell]:
    cells: list[Cell] = []
    before: tuple[bool, ...] | None = None
    for piece in _pieces(measure, conditions):
        value = _inside(piece, measure.is_whole)
        if value is None:
            continue
        found = tuple(condition.holds(value) for condition in conditions)
        if cells and found == before and cells[-1].span:
            cells[-1] = replace(cells[-1], span=cells[-1].span.joined(piece))
        else:
            cells.append(Cell(value, span=piece))
        before = found
    return [replace(cell, span=_tidy(cell.span, measure.is_whole)) for cell in cells if cell.span]


def _pieces(measure: Measure, conditions: Sequence[Condition]) -> Iterator[Span]:
    """Points and the open gaps between them, from the lowest to the highest value of the measure."""
    lowest, highest = measure.lowest, measure.highest
    bounds = {end for condition in conditions for end in (condition.lower, condition.upper)} | {lowest, highest}
    points = sorted(
        point
        for point in bounds
        if point is not None and (lowest is None or point >= lowest) and (highest is None or point <= highest)
    )
    if not points:
        yield Span()
        return
    if lowest is None:
        yield Span(upper=points[0])
    for point, after in zip(points, [*points[1:], None], strict=True):
        yield Span(point, True, point, True)
        if after is not None or highest is None:
            yield Span(lower=point, upper=after)


def _inside(piece: Span, is_whole: bool) -> Decimal | None:
    """A value inside a piece; None if it must be a whole number and there is none."""
    lower, upper = piece.lower, piece.upper
    if lower is None:
        return Decimal(0) if upper is None else (_whole(upper, ROUND_CEILING) if is_whole else upper) - 1
    if piece.is_point:
        return None if is_whole and lower != _whole(lower, ROUND_FLOOR) else lower
    if not is_whole:
        return lower + 1 if upper is None else (lower + upper) / 2
    next_whole = _whole(lower, ROUND_FLOOR) + 1
    return next_whole if upper is None or next_whole < upper else None


def _tidy(piece: Span, is_whole: bool) -> Span:
    """For whole numbers: `above 0` is `from 1`, and `from 1 to below 2` is 1."""
    if not is_whole:
        return piece
    if piece.lower is not None and not piece.lower_inclusive:
        piece = replace(piece, lower=_whole(piece.lower, ROUND_FLOOR) + 1, lower_inclusive=True)
    if piece.upper is not None and not piece.upper_inclusive and piece.lower is not None:
        last = _whole(piece.upper, ROUND_CEILING) - 1
        if last == piece.lower:
            piece = replace(piece, upper=last, upper_inclusive=True)
    return piece


def _whole(number: Decimal, rounding: str) -> Decimal:
    return number.to_integral_value(rounding)
