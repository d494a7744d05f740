"""The proof that the rules of a scheme leave no gap and no overlap.

Each measure that a scheme's rules name is an axis. An axis is cut at every bound; pieces that no condition tells apart
are one cell, represented by one value. What holds for the product of the cells holds for every customer.

exclusive   no cell meets two rules of one scheme and route.
complete    every cell meets some rule, in a scheme that takes the best. Measures that may be unknown are unknown,
            or known one at a time: a further known measure can only let more rules hold. (It can also take a
            customer from the route `none` to another; that is seen where it is known alone.) Where every rule needs
            a measure that is unknown, the scheme's default takes the customer, and nothing is asked of the rules.

The routes into scope are not a free axis: they follow from the cell, by judging the scope scheme.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import combinations, product

from expectations.policy.axes import Axis, Cell, Span, cut
from expectations.policy.evaluate import MeasureValue, judge, routes_value
from expectations.policy.model import InForce, Measure, Rule, Scheme
from expectations.policy.sheets import Problem
from expectations.policy.wording import span

# For each axis of a box, its cell numbers.
Box = tuple[frozenset[int], ...]


def prove(view: InForce, scheme: Scheme) -> tuple[Problem, ...]:
    """Every hole, overlap and shared bound of one scheme.

    The rules must name known measures and outcomes; lint.py ensures it first.
    """
    problems = [problem for pair in _pairs(view, scheme) for problem in _both(view, *pair)]
    if scheme.resolver != "all":
        problems += _holes(view, scheme)
    return tuple(sorted(problems))


# ---------------------------------------------------------------- the space of a few rules


class _Space:
    """The cells of some of a scheme's rules: axes of the measures that they name, including routes into scope.

    named: the measures of the axes. free: the measures whose cells are combined; those of the scope scheme are free
    even if the rules don't name them, and show only as routes. optional: free measures that may be unknown.
    """

    def __init__(self, view: InForce, rules: Sequence[Rule]) -> None:
        self.view = view
        self.rules = rules
        named = dict.fromkeys(c.measure_id for rule in self.rules for group in rule.hard for c in group)
        self.named = [self.view.measures[name] for name in named]
        self.scopes = {
            measure.measure_id: self.view.schemes[measure.derived_from_scheme]
            for measure in self.named
            if self.view.scheme_of_scope(measure.measure_id)
        }
        judged = [*self.rules]
        for scheme in self.scopes.values():
            judged += self.view.rules.get(scheme.scheme, ())
        self._conditions = [condition for rule in judged for group in rule.hard for condition in group]
        wanted = dict.fromkeys(condition.measure_id for condition in self._conditions)
        self.free = [self.view.measures[name] for name in wanted if name not in self.scopes]
        self.optional = [m.measure_id for m in self.free if not m.is_always_known]
        self._routes: dict[str, list[frozenset[str]]] = {name: [] for name in self.scopes}
        self._axes = {
            measure.measure_id: cut(
                measure,
                self._conditions,
                _categories(self.view, measure),
                is_unknown=not measure.is_always_known,
            )
            for measure in self.free
        }

    @property
    def axes(self) -> list[Axis]:
        """The axes of the measures that the rules name; for routes, the sets found so far."""
        return [
            Axis(measure, tuple(Cell(routes, categories=tuple(sorted(routes))) for routes in self._routes[name]))
            if (name := measure.measure_id) in self.scopes
            else self._axes[name]
            for measure in self.named
        ]

    def cells(self, known: Collection[str] | None = None) -> Iterator[tuple[tuple[int, ...], dict[str, MeasureValue]]]:
        """Every cell of the product with its values, as cell numbers on the axes.

        known: the optional measures that are known; None for known and unknown alike.
        """
        choices = []
        for measure in self.free:
            cells = list(enumerate(self._axes[measure.measure_id].cells))
            if known is not None and not measure.is_always_known:
                cells = [(n, cell) for n, cell in cells if cell.is_unknown != (measure.measure_id in known)]
            choices.append(cells)
        names = [measure.measure_id for measure in self.free]
        for chosen in product(*choices):
            values: dict[str, MeasureValue] = {name: cell.value for name, (_, cell) in zip(names, chosen, strict=True)}
            numbers = {name: number for name, (number, _) in zip(names, chosen, strict=True)}
            for name, scheme in self.scopes.items():
                values[name] = routes = routes_value(judge(self.view, scheme, values))
                if routes not in self._routes[name]:
                    self._routes[name].append(routes)
                numbers[name] = self._routes[name].index(routes)
            yield tuple(numbers[measure.measure_id] for measure in self.named), values


def _categories(view: InForce, measure: Measure) -> tuple[str, ...]:
    """The categories of an axis, without the default outcome of its source scheme, which decides nothing."""
    scheme = view.schemes.get(measure.derived_from_scheme)
    default = scheme.default_tier_code if scheme else ""
    return tuple(value for value in view.vocabulary(measure.measure_id) if not default or value != default)


# ---------------------------------------------------------------- exclusive


def _pairs(view: InForce, scheme: Scheme) -> Iterator[tuple[Rule, Rule]]:
    for first, second in combinations(view.rules.get(scheme.scheme, ()), 2):
        if first.route == second.route:
            yield first, second


def _both(view: InForce, first: Rule, second: Rule) -> Iterator[Problem]:
    """The problems of two rules of one route: where both hold."""
    if _apart(view, first, second):
        return
    space = _Space(view, (first, second))
    held: set[tuple[int, ...]] = set()
    free: set[tuple[int, ...]] = set()
    for key, values in space.cells():
        (held if first.is_met(values) and second.is_met(values) else free).add(key)
    for narrow in _merged(held, space.axes):
        box = _widened(narrow, free, space, is_growing=False)
        shared = _shared_bound(first, second, box, space.axes)
        what = "shared bound" if shared else "overlap"
        words = _in_words(box, space.axes, lead=shared)
        # Reported at the end that should be exclusive, or at the later rule.
        culprit = _ends_at(first, second, shared, box, space.axes) if shared else second
        message = f"{what}: {first.scheme}: both {first.rule_id} and {second.rule_id} hold at {words or 'any value'}"
        yield culprit.row.problem("L1", message)


def _apart(view: InForce, first: Rule, second: Rule) -> bool:
    """Whether a single measure keeps two rules apart: true of most pairs, and needs no product."""
    for measure_id in {c.measure_id for group in first.hard for c in group}:
        if view.scheme_of_scope(measure_id):
            continue
        groups = [
            group
            for rule in (first, second)
            for group in rule.hard
            if all(condition.measure_id == measure_id for condition in group)
        ]
        measure = view.measures[measure_id]
        axis = cut(measure, [c for group in groups for c in group], _categories(view, measure), is_unknown=False)
        if not any(all(any(c.holds(cell.value) for c in group) for group in groups) for cell in axis.cells):
            return True
    return False


def _shared_bound(first: Rule, second: Rule, box: Box, axes: Sequence[Axis]) -> str:
    """The measure on which two rules share a single number, where one ends and the other begins."""
    for numbers, axis in zip(box, axes, strict=True):
        place = axis.cells[min(numbers)].span if len(numbers) == 1 else None
        if place is None or not place.is_point:
            continue
        ends = [
            {
                end
                for condition in rule.conditions
                if condition.measure_id == axis.measure.measure_id and condition.lower != condition.upper
                for end, bound in (("lower", condition.lower), ("upper", condition.upper))
                if bound == place.lower
            }
            for rule in (first, second)
        ]
        if {"lower"} in ends and {"upper"} in ends:
            return axis.measure.measure_id
    return ""


def _ends_at(first: Rule, second: Rule, measure_id: str, box: Box, axes: Sequence[Axis]) -> Rule:
    place = next(
        axis.cells[min(numbers)].span
        for numbers, axis in zip(box, axes, strict=True)
        if axis.measure.measure_id == measure_id
    )
    point = place.lower if place else None
    ends = any(c.measure_id == measure_id and c.upper == point for c in first.conditions)
    return first if ends else second


# ---------------------------------------------------------------- complete


def _holes(view: InForce, scheme: Scheme) -> Iterator[Problem]:
    rules = view.rules.get(scheme.scheme, ())
    if not rules:
        return
    space = _Space(view, rules)
    decided: set[tuple[int, ...]] = set()
    undecided: set[tuple[int, ...]] = set()
    asked: list[frozenset[str]] = []
    for known in _patterns(space):
        # More than one known measure is tried only if with fewer no rule can hold.
        if len(known) > 1 and any(before < known for before in asked):
            continue
        if not any(_can_hold(space, rule, known) for rule in rules):
            continue
        asked.append(known)
        for key, values in space.cells(known):
            (decided if any(rule.is_met(values) for rule in rules) else undecided).add(key)
    boxes = {box: _widened(box, decided, space, is_growing=True) for box in _merged(undecided, space.axes)}
    for box, wide in boxes.items():
        if any(wide != other and all(a <= b for a, b in zip(wide, other, strict=True)) for other in boxes.values()):
            continue
        told = _told(wide, space.axes)
        words = _in_words(told, space.axes) or "anybody"
        nearest = min((_distance(rule, box, told, space.axes), number) for number, rule in enumerate(rules))
        yield rules[nearest[1]].row.problem("L1", f"hole: {scheme.scheme}: nobody decides {words}")


def _patterns(space: _Space) -> list[frozenset[str]]:
    """The sets of optional measures taken as known: none, each alone, and those that a rule needs together."""
    optional = set(space.optional)
    together = {
        frozenset(c.measure_id for group in rule.hard for c in group if c.measure_id in optional)
        for rule in space.rules
    }
    patterns = {frozenset[str](), *(frozenset({name}) for name in optional), *together}
    return sorted(patterns, key=lambda known: (len(known), sorted(known)))


def _can_hold(space: _Space, rule: Rule, known: Collection[str]) -> bool:
    return all(any(c.measure_id not in space.optional or c.measure_id in known for c in group) for group in rule.hard)


def _widened(box: Box, others: Collection[tuple[int, ...]], space: _Space, *, is_growing: bool) -> Box:
    """The box without redundant limits on routes and unknown values, as long as no other cell gets in.

    A customer with 200,000 is in scope by the route aum whatever else they have; saying so would only hide the bound.
    is_growing: what is said of the others still holds when more of their values are known.
    """
    axes = list(enumerate(space.axes))
    optional = [not axis.measure.is_always_known for _, axis in axes]
    follow = [(place, axis) for place, axis in axes if axis.measure.measure_id in space.scopes]
    unknown = [(place, axis) for place, axis in axes if optional[place] and 0 in box[place]]

    def takes_in(wide: Box, key: tuple[int, ...]) -> bool:
        return all(
            n in numbers or (is_growing and n == 0 and may_be_unknown)
            for n, numbers, may_be_unknown in zip(key, wide, optional, strict=True)
        )

    for place, axis in (*follow, *unknown):
        wide = (*box[:place], frozenset(range(len(axis.cells))), *box[place + 1 :])
        if not any(takes_in(wide, key) for key in others):
            box = wide
    return box


def _told(box: Box, axes: Sequence[Axis]) -> Box:
    """The box as worded: a named optional measure is understood to be the only known one."""
    optional = [place for place, axis in enumerate(axes) if not axis.measure.is_always_known]
    if not any(0 not in box[place] for place in optional):
        return box
    whole = {place: frozenset(range(len(axes[place].cells))) for place in optional if box[place] == {0}}
    return tuple(whole.get(place, numbers) for place, numbers in enumerate(box))


def _distance(rule: Rule, box: Box, wide: Box, axes: Sequence[Axis]) -> tuple[int, int, bool, bool, int]:
    """How near a rule is to deciding a box: failing conditions, limits that it does not name, ends at an edge.

    wide: the box as worded. A problem names the line of the nearest rule.
    """
    ends = begins = False
    values: dict[str, MeasureValue] = {}
    limits = set()
    for narrow, told, axis in zip(box, wide, axes, strict=True):
        name, first, last = axis.measure.measure_id, axis.cells[min(narrow)], axis.cells[max(narrow)]
        values[name] = first.value
        if len(told) < len(axis.cells):
            limits.add(name)
        own = [condition for condition in rule.conditions if condition.measure_id == name]
        ends |= any(c.upper is not None and first.span is not None and c.upper == first.span.lower for c in own)
        begins |= any(c.lower is not None and last.span is not None and c.lower == last.span.upper for c in own)
    failing = sum(not any(c.holds(values.get(c.measure_id)) for c in group) for group in rule.hard)
    unnamed = len(limits - {condition.measure_id for condition in rule.conditions})
    return failing, unnamed, not ends, not begins, rule.row.line


# ---------------------------------------------------------------- boxes and their words


def _merged(keys: Iterable[tuple[int, ...]], axes: Sequence[Axis]) -> list[Box]:
    """Cells merged into few boxes: along one axis after another, where all else is equal."""
    boxes: list[Box] = [tuple(frozenset({number}) for number in key) for key in sorted(keys)]
    for place in range(len(axes)):
        lines: dict[Box, frozenset[int]] = {}
        for box in boxes:
            rest = (*box[:place], *box[place + 1 :])
            lines[rest] = lines.get(rest, frozenset()) | box[place]
        boxes = [(*rest[:place], numbers, *rest[place:]) for rest, numbers in lines.items()]
    return boxes


def _in_words(box: Box, axes: Sequence[Axis], lead: str = "") -> str:
    """`deposit_balance below 50,000,000 with open_accounts = 0`; empty for a box without limits."""
    said = [
        (axis.measure.measure_id != lead, f"{axis.measure.measure_id} {words}")
        for numbers, axis in zip(box, axes, strict=True)
        if (words := _axis_words(numbers, axis))
    ]
    parts = [words for _, words in sorted(said, key=lambda item: item[0])]
    if len(parts) < 2:
        return "".join(parts)
    return f"{parts[0]} with {' and '.join(filter(None, [', '.join(parts[1:-1]), parts[-1]]))}"


def _axis_words(numbers: Collection[int], axis: Axis) -> str:
    if len(numbers) == len(axis.cells):
        return ""
    chosen = sorted(numbers)
    if any(isinstance(axis.cells[n].value, frozenset) for n in chosen):
        return _routes_in_words([axis.cells[n] for n in chosen], axis)
    words: list[str] = []
    run: Span | None = None
    for number in chosen:
        here = axis.cells[number].span
        if here and run and number - 1 in numbers:
            run = run.joined(here)
            continue
        if run:
            words.append(_span_words(run, axis.measure))
        run = here
    if run:
        words.append(_span_words(run, axis.measure))
    words += [category for n in chosen for category in axis.cells[n].categories]
    words += ["unknown" for n in chosen if axis.cells[n].is_unknown]
    return _or(words)


def _span_words(place: Span, measure: Measure) -> str:
    """A band without the ends of the measure itself."""
    if not place.is_point:
        if place.lower is not None and place.lower == measure.lowest:
            place = replace(place, lower=None)
        if place.upper is not None and place.upper == measure.highest:
            place = replace(place, upper=None)
    return span(place.lower, place.lower_inclusive, place.upper, place.upper_inclusive)


def _routes_in_words(cells: Sequence[Cell], axis: Axis) -> str:
    """`only card_spend or loan` for every set of these routes that occurs, else set by set."""
    sets = {frozenset(cell.categories) for cell in cells}
    union = frozenset().union(*sets)
    within = {frozenset(cell.categories) for cell in axis.cells if frozenset(cell.categories) <= union}
    if sets == within:
        return f"only {_or(sorted(union))}" if len(union) > 1 or len(axis.cells) > 1 else ""
    return _or([" + ".join(cell.categories) for cell in cells])


def _or(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}" if words else ""
