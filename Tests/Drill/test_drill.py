"""A short drill: each kind of fault once."""

from Drill.drill import Drill


def test_nothing_is_lost_whatever_dies():
    drill = Drill(seconds=0, seed=3, pause=0.4)
    history, verdict = drill.run()
    report = drill.report(history, verdict)
    assert verdict.is_proved, report
    assert verdict.required > 1000 and len(history.faults) >= 9, report
    assert verdict.signups > 50 and verdict.heard > 100 and verdict.declared_gaps > 5, report
