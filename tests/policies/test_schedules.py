"""Schedules: how long at most from one run to the next."""

import pytest

from policies.schedules import longest_gap

DAY = 24


@pytest.mark.parametrize(
    ("expression", "hours"),
    [
        ("cron(0 3 * * ? *)", DAY),
        ("cron(0 0/6 * * ? *)", 6),
        ("cron(0 1/8 * * ? *)", 8),
        ("cron(0 * * * ? *)", 1),
        ("cron(0 8-18 * * ? *)", 14),
        # From the third hour on, every twentieth of the day: 3 and 23. From the fourth there is no other.
        ("cron(0 3/20 * * ? *)", 20),
        ("cron(0 4/20 * * ? *)", DAY),
        ("cron(0 8-18/5 * * ? *)", 14),
        ("cron(0 3,4,23 * * ? *)", 19),
        ("cron(0 0,23 * * ? *)", 23),
        ("cron(0 3 ? * SUN *)", 7 * DAY),
        ("cron(0 3 ? * 1 *)", 7 * DAY),
        ("cron(0 3 ? * mon-fri *)", 3 * DAY),
        ("cron(0 3 ? * SUN,SAT *)", 6 * DAY),
        ("cron(0 3 ? * SUN,7 *)", 6 * DAY),
        ("cron(0 3 ? * 2/5 *)", 5 * DAY),
        ("cron(0 3 ? * 3/5 *)", 7 * DAY),
        ("cron(0 3 ? * */2 *)", 2 * DAY),
        ("cron(0 3 1 * ? *)", 31 * DAY),
        ("cron(0 3 1,15 * ? *)", 17 * DAY),
        ("cron(0 3 4/27 * ? *)", 27 * DAY),
        ("cron(0 3 5/27 * ? *)", 31 * DAY),
        ("cron(0 3 */2 * ? *)", 2 * DAY),
        ("cron(0 3 */7 * ? *)", 7 * DAY),
        ("cron(0 3 31 * ? *)", 31 * DAY),
        # More than a month, or more than this can say.
        ("cron(0 3 * 1 ? *)", None),
        ("cron(0 3 * * ? 2027)", None),
        ("cron(0 3 L * ? *)", None),
        ("cron(0 3 ? * SUN#1 *)", None),
        ("cron(0 3 * * *)", None),
        ("rate(1 day)", None),
        ("", None),
    ],
)
def test_the_longest_gap_of_a_schedule(expression: str, hours: int | None) -> None:
    assert longest_gap(expression) == hours
