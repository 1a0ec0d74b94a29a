"""Schedules: how long at most from one run to the next."""

import re
from itertools import pairwise

DAY_HOURS = 24
ANY = ("*", "?")
WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
CRON = re.compile(r"cron\((\S+) (\S+) (\S+) (\S+) (\S+) (\S+)\)")
PART = re.compile(r"(?:\*|(\d+)(?:-(\d+))?)(?:/(\d+))?")


def longest_gap(expression: str) -> int | None:
    """Hours at most between two runs of an AWS cron expression; None for more than a month, or where nobody can say.

    AWS counts weekdays from Sunday, 1 to 7: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html.
    """
    match = CRON.fullmatch(expression)
    if not match:
        return None
    _, hour, day, month, weekday, year = match.groups()
    if month not in ANY or year not in ANY:
        return None
    if day not in ANY:
        return _widest(day, 1, 31, DAY_HOURS)
    if weekday not in ANY:
        for number, name in enumerate(WEEKDAYS, start=1):
            weekday = weekday.upper().replace(name, str(number))
        return _widest(weekday, 1, 7, DAY_HOURS)
    return _widest(hour, 0, DAY_HOURS, 1)


def _numbers(text: str, first: int, last: int) -> list[int]:
    """``3``, ``1,15``, ``8-18``, ``*``, ``0/6`` as numbers; none for what is none of these, such as ``L``."""
    found: set[int] = set()
    for part in text.split(","):
        match = PART.fullmatch(part)
        if not match:
            return []
        begin, end, step = match.groups()
        low = first if begin is None else int(begin)
        open_ = begin is None or step is not None
        high = int(end) if end is not None else last if open_ else low
        found |= set(range(low, high + 1, int(step or 1)))
    return sorted(found)


def _widest(text: str, first: int, around: int, hours: int) -> int | None:
    """The widest gap between numbers on a circle that begins with the first, in hours."""
    numbers = _numbers(text, first, first + around - 1)
    if not numbers:
        return None
    return max(after - before for before, after in pairwise([*numbers, numbers[0] + around])) * hours
