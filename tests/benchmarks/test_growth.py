from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from benchmarks.growth import fit
from benchmarks.plot import lines
from benchmarks.report import growth, panel

SIZES = (1, 1_000, 10_000, 100_000, 1_000_000)
FACTORS = st.floats(1e-3, 1e3)
EXPONENTS = st.floats(0.3, 3)


class TestFit:
    @given(factor=FACTORS, exponent=EXPONENTS)
    def test_an_exact_power_law_is_recovered(self, factor: float, exponent: float) -> None:
        found = fit([(size, factor * size**exponent) for size in (10, 100, 1_000, 10_000)])
        assert found.exponent == pytest.approx(exponent, abs=1e-3)
        assert found.factor == pytest.approx(factor, rel=1e-2)
        assert found.deviation < 1e-3

    @given(
        start=st.floats(0.1, 2), times=st.floats(1, 1e3), exponent=EXPONENTS, falling=st.booleans()
    )
    def test_start_up_is_told_apart(
        self, start: float, times: float, exponent: float, *, falling: bool
    ) -> None:
        sizes = [1 / size for size in (1, 2, 4, 8, 16, 32)] if falling else list(SIZES)
        factor = start * times / max(sizes) ** exponent
        assume(factor * sorted(sizes)[-3] ** exponent > start / 1000)  # else two sizes show it
        found = fit([(size, start + factor * size**exponent) for size in sizes])
        assert found.exponent == pytest.approx(exponent, abs=1e-2)
        assert found.start == pytest.approx(start, rel=5e-2)

    @given(
        exponent=st.floats(0.8, 2),
        errors=st.lists(st.floats(-0.02, 0.02), min_size=len(SIZES), max_size=len(SIZES)),
    )
    def test_noise_moves_it_little(self, exponent: float, errors: list[float]) -> None:
        costs = [0.5 + 50 * (size / max(SIZES)) ** exponent for size in SIZES]
        measured = [cost * (1 + error) for cost, error in zip(costs, errors, strict=True)]
        found = fit(list(zip(SIZES, measured, strict=True)))
        assert found.exponent == pytest.approx(exponent, abs=0.1)

    def test_the_order_of_the_points_does_not_matter(self) -> None:
        points = [(size, 0.5 + 2e-5 * size) for size in SIZES]
        assert fit(points[::-1]).exponent == pytest.approx(fit(points).exponent, abs=1e-6)

    def test_quadratic_growth_shows(self) -> None:
        assert fit([(size, 0.5 + 1e-9 * size**2) for size in SIZES]).exponent > 1.9

    @pytest.mark.parametrize("sizes", [(), (1, 10), (1, 1, 10)])
    def test_too_few_sizes_are_refused(self, sizes: tuple[int, ...]) -> None:
        with pytest.raises(ValueError, match="three sizes"):
            fit([(size, 1.0) for size in sizes])


CURVES = {
    "rows": {
        "title": "rows & columns",
        "axis": "rows",
        "cost": "cpu",
        "falling": False,
        "points": [
            {"size": size, "runs": 3, "records": size, "wall": 1.0, "cpu": 0.5, "peak": 55.0}
            for size in SIZES
        ],
        "fit": {"start": 0.5, "factor": 2e-5, "exponent": 1.01, "deviation": 0.02},
    },
    "flight": {
        "title": "requests",
        "axis": "requests in flight",
        "cost": "wall",
        "falling": True,
        "points": [
            {"size": 1, "runs": 1, "records": 9, "wall": 2, "cpu": 1, "peak": 5, "ideal": 1.5},
            {"size": 8, "runs": 3, "records": 9, "wall": 1, "cpu": 1, "peak": 5, "ideal": 0.2},
        ],
        "fit": {"start": 0.5, "factor": 1.5, "exponent": 0.98, "deviation": 0.0},
    },
}


class TestReport:
    def test_nothing_measured_is_no_section(self) -> None:
        assert list(growth({})) == []

    def test_a_table_of_each_curve_with_its_exponent(self) -> None:
        text = "\n".join(growth(CURVES))
        assert text.startswith("![Cost by size")
        assert "exponent **1.01**" in text
        assert "CPU s = 0.50 + 2e-05 x (rows)^1.01, within 2% of every row" in text
        assert "| 1 000 000 | 1.00 | 0.50 | 55 | 3 |" in text
        assert "wall s = 0.50 + 1.5 x (requests in flight)^-0.98" in text
        assert "| 8 | 1.00 | 0.20 | 1.00 | 5 | 3 |" in text

    def test_the_picture_is_xml_with_a_dot_for_each_point(self) -> None:
        picture = lines([panel(curve) for curve in CURVES.values()])
        root = ET.fromstring(picture)  # noqa: S314  # our own
        dots = root.findall(".//{*}circle")
        assert len(dots) == 2 * (len(SIZES) + 2)
        _, _, width, height = map(float, root.attrib["viewBox"].split())
        assert width >= 720
        assert height >= 290
