"""The steps of a translation, at the smallest size: each is told."""

from benchmarks.stages import measure


def test_every_step_is_told_as_a_share_of_the_limit() -> None:
    metrics = measure([5], rounds=1)

    names = [one.metric for one in metrics if one.metric.startswith("CSD → FHIR, 3.0, 5 offers")]
    assert [name.rpartition(": ")[2] for name in names] == [
        "parse and refuse",
        "CSD to the model",
        "model to the JSON of FHIR",
        "the whole",
    ]
    assert len(metrics) == 2 * (4 + 5)
    assert all(one.ratio > 0 for one in metrics)
