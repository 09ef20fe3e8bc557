"""Labels in the importance chart: none covers another, none leaves the field, the same each time."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from csat.documents.report import placing

NAMES = (
    "及时性",
    "专业性",
    "Attitude and communication",
    "解决效果",
    "Convenience",
    "安全成效",
    "可用与恢复",
)
CUT = (0.5, 0.88)

share = st.floats(0.5, 1.0)
points = st.lists(st.tuples(st.floats(-0.2, 0.95), share), min_size=1, max_size=len(NAMES))


def placed(where: list[tuple[float, float]]) -> list[dict]:
    drawn = [
        {"label": name, "x": x, "y": y, "bad": False} for name, (x, y) in zip(NAMES, where, strict=False)
    ]
    return placing.place_quadrants(drawn, CUT)["points"]


def test_points_that_lie_close_together_get_labels_apart():
    assert (
        placing.measure_overlap(placed([(0.6, 0.9), (0.605, 0.902), (0.61, 0.9), (0.6, 0.905), (0.62, 0.9)]))
        == 0
    )


@given(points)
def test_no_labels_cover_each_other_wherever_the_points_lie(where):
    assert placing.measure_overlap(placed(where)) == 0


@given(points)
def test_labels_stay_inside_the_field(where):
    for point in placed(where):
        left = {"start": 0.0, "end": 1.0, "middle": 0.5}[point["anchor"]] * placing.measure_label(
            point["label"]
        )
        assert point["lx"] - left >= placing.LEFT
        assert point["lx"] - left + placing.measure_label(point["label"]) <= placing.RIGHT
        assert placing.TOP <= point["ly"] <= placing.BOTTOM


@given(points)
def test_the_same_points_give_the_same_places(where):
    assert placed(where) == placed(where)
