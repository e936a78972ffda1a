from tests.mutation.areas import AREAS, modules
from tests.mutation.branches import table


def test_each_area_has_its_share():
    summary = {
        "covered_branches": 3,
        "num_branches": 4,
        "covered_lines": 9,
        "num_statements": 10,
    }
    rows = list(table({path: summary for area in AREAS for path in modules(area)}))
    assert [row.split()[0] for row in rows] == ["area", *(area.name for area in AREAS), "all"]
    assert all("75 %" in row and "90 %" in row for row in rows[1:])


def test_what_has_no_branches_lacks_none():
    nothing = dict.fromkeys(
        ("covered_branches", "num_branches", "covered_lines", "num_statements"), 0
    )
    assert list(table({"m.py": nothing}))[-1].count("100 %") == 2
