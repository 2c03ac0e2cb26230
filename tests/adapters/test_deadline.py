"""A deadline only shrinks."""

from adapters.deadline import Deadline


def test_what_remains_is_never_negative() -> None:
    assert Deadline.after(-1).remaining() == 0
    assert 9 < Deadline.after(10).remaining() <= 10


def test_the_sooner_of_two_wins() -> None:
    deadline = Deadline.after(10)

    assert deadline.sooner(1).remaining() <= 1
    assert deadline.sooner(60) == deadline
