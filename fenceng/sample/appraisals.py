"""What leaders score in a year, and what is said of them."""

from __future__ import annotations

from datetime import date

import numpy as np

from fenceng.sample.columns import NULL, Days, Fen, Frame, Serial, Words
from fenceng.sample.days import as_date, compact_dates, day_number
from fenceng.sample.organisation import FINANCIAL_OFFICER, OUTLET_HEAD, PRESIDENT, VICE_PRESIDENT, Staff
from fenceng.sample.streams import Int, below, chance, other_half

PARTS = ("leader", "performance")
_YEARS = 3  # how long a year's scores stay in the table
# Hundredths of a point of both parts for the first leaders; NULL where there is no score. Totals stand on a band's
# bound or a hundredth below it.
_CHOSEN_SCORES = (
    (29_99, 30_00), (30_00, 30_00), (35_00, 34_99), (35_00, 35_00), (40_00, 39_99), (50_00, 30_00),
    (44_99, 45_00), (45_00, 45_00), (40_00, NULL), (NULL, 40_00), (NULL, NULL), (0, 50_00),
)  # fmt: skip

FEEDBACK_CHANNELS = ("questionnaire", "opinion_box", "hotline", "website")
_QUESTIONNAIRE, _OPINION_BOX, _HOTLINE, _WEBSITE = range(len(FEEDBACK_CHANNELS))
_A_DAY = 25  # of a thousand leaders
_NO_SCORE, _PREDECESSOR = 200, 100  # of a thousand
# Of the first leaders only the chosen feedback is delivered: day of the year, leader, channel, hundredths of a point.
_CHOSEN_FEEDBACK = (
    ((6, 30), 0, _QUESTIONNAIRE, 80_00), ((6, 30), 0, _QUESTIONNAIRE, 80_01), ((7, 1), 0, _QUESTIONNAIRE, 60_00),
    ((1, 1), 0, _HOTLINE, NULL), ((12, 31), 0, _QUESTIONNAIRE, 100_00), ((12, 31), 0, _WEBSITE, 10_00),
    ((12, 31), 1, _QUESTIONNAIRE, NULL), ((1, 1), 1, _QUESTIONNAIRE, 0), ((7, 1), 1, _OPINION_BOX, NULL),
)  # fmt: skip
_CHOSEN_LEADERS = 2


def _leaders(staff: Staff) -> Int:
    """Positions of the posts whose holders are appraised."""
    return np.flatnonzero(np.isin(staff.role, [PRESIDENT, VICE_PRESIDENT, FINANCIAL_OFFICER])).astype(np.int64)


def score_frame(staff: Staff, day: int) -> Frame:
    """Return the appraisal_score table at the close of a day: the scores given so far of the last years."""
    year = as_date(day).year
    parts = [_scores(staff, scored, day) for scored in range(year - _YEARS, year)]
    employee, first, part, score = (np.concatenate(values) for values in zip(*parts, strict=True))
    return {
        "employee_id": Serial("E", employee, 5),
        "year": Days(first),
        "part": Words(part, PARTS),
        "score": Fen(score),
    }


def _scores(staff: Staff, year: int, day: int) -> tuple[Int, Int, Int, Int]:
    """Employee, year, part and hundredths of a point; given from January to early March of the next year."""
    leaders = _leaders(staff)
    # An outlet's head, who need not be appraised, is too.
    posts = np.concatenate([leaders, np.flatnonzero(staff.role == OUTLET_HEAD)[:1]])
    size = len(posts)
    raw = staff.streams.raw("appraisal.score", size * len(PARTS), year)
    score = 20_00 + below(raw, 30_01).reshape(size, len(PARTS))
    score = np.where(chance(other_half(raw), 60).reshape(score.shape), NULL, score)
    chosen = _CHOSEN_SCORES[: len(leaders)]
    score[: len(chosen)] = chosen
    # Whoever held the post last, even if it was vacant by the year's end.
    end = day_number(date(year, 12, 31))
    employee = staff.number_of(posts, staff.generation_on(posts, end))
    given = end + 10 + below(staff.streams.raw("appraisal.given", size * len(PARTS), year), 60).reshape(score.shape)
    row, part = np.nonzero((score != NULL) & (given <= day))
    first = np.full(len(row), day_number(date(year, 1, 1)), dtype=np.int64)
    return employee[row], first, part.astype(np.int64), score[row, part]


def feedback_frame(staff: Staff, first: int, last: int) -> Frame:
    """Return the appraisal_feedback rows recorded on the days first..last, on which they were received."""
    parts = [_feedback(staff, day) for day in range(first, last + 1)]
    day, number, employee, channel, score = (np.concatenate(values) for values in zip(*parts, strict=True))
    return {
        "feedback_id": Serial("F", compact_dates(day) * 10**5 + number, 13),
        "employee_id": Serial("E", employee, 5),
        "channel": Words(channel, FEEDBACK_CHANNELS),
        "received_on": Days(day),
        "score": Fen(score),
    }


def _feedback(staff: Staff, day: int) -> tuple[Int, Int, Int, Int, Int]:
    """Day, number within the day, employee, channel and hundredths of a point of a day's feedback."""
    leaders = _leaders(staff)
    raw = staff.streams.raw("appraisal.feedback", len(leaders), day)
    more = staff.streams.raw("appraisal.feedback.score", len(leaders), day)
    has = chance(raw, _A_DAY)
    has[:_CHOSEN_LEADERS] = False
    rows = np.flatnonzero(has)
    channel = np.maximum(below(other_half(raw), 8) - 4, _QUESTIONNAIRE)[rows]
    is_scored = (channel == _QUESTIONNAIRE) & ~chance(other_half(more[rows]), _NO_SCORE)
    score = np.where(is_scored, 40_00 + below(more[rows], 60_01), NULL)
    found = as_date(day)
    chosen = [row for row in _CHOSEN_FEEDBACK if row[0] == (found.month, found.day)]
    posts = np.concatenate([rows, np.array([leader for _, leader, _, _ in chosen], dtype=np.int64)])
    posts = leaders[posts]
    generation = staff.generation_on(posts, day)
    # Some of what is said is about who held the post before.
    is_about_predecessor = chance(staff.streams.raw("appraisal.feedback.who", len(posts), day), _PREDECESSOR)
    is_about_predecessor[len(rows) :] = False
    generation = np.maximum(generation - is_about_predecessor, 0)
    size = len(posts)
    return (
        np.full(size, day, dtype=np.int64),
        np.arange(1, size + 1, dtype=np.int64),
        staff.number_of(posts, generation),
        np.concatenate([channel, np.array([kind for _, _, kind, _ in chosen], dtype=np.int64)]),
        np.concatenate([score, np.array([points for *_, points in chosen], dtype=np.int64)]),
    )
