"""The land of the maps, from a made-up topology and as it was built."""

import pytest

from hled_portal.maps import base_map
from hled_portal.maps.projections import Albers, Sheet

SHEET = Sheet("try", Albers(27, 32, -107, 29), -110, 26, -104, 32, 100)


def topology():
    """Two squares that share the parallel of 29° between 109° and 105° W, and an island far away."""
    arcs = [
        [(-109, 29), (-107, 29), (-105, 29)],  # the border
        [(-105, 29), (-105, 31), (-109, 31), (-109, 29)],  # north
        [(-105, 29), (-105, 27), (-109, 27), (-109, 29)],  # south
        [(20, 10), (21, 10), (21, 11), (20, 10)],
    ]
    steps = []
    for arc in arcs:
        steps.append([(px - x, py - y) for (px, py), (x, y) in zip(arc, [(0, 0), *arc[:-1]], strict=True)])
    return {
        "transform": {"scale": [1, 1], "translate": [0, 0]},
        "arcs": steps,
        "objects": {
            "countries": {
                "geometries": [
                    {"id": "840", "type": "Polygon", "arcs": [[0, 1]], "properties": {"name": "North"}},
                    {"id": "484", "type": "MultiPolygon", "arcs": [[[0, 2]]], "properties": {"name": "South"}},
                    {"type": "Polygon", "arcs": [[3]], "properties": {"name": "Far"}},
                ]
            }
        },
    }


@pytest.fixture
def layers():
    return base_map.build(topology(), (SHEET,))["try"]


def test_each_side_has_its_land_and_they_share_their_border(layers):
    assert layers["united_states"].startswith("M")
    assert layers["united_states"].endswith("z")
    assert layers["united_states"].count("M") == layers["mexico"].count("M") == 1
    assert layers["border"].count("M") == 1
    assert not layers["border"].endswith("z")
    assert layers["other_borders"] == layers["elsewhere"] == ""


def test_the_line_of_the_border_runs_from_west_to_east(layers):
    xs = [x for x, _y in layers["line"]]
    assert xs == sorted(xs)
    assert layers["line"][0] == tuple(round(part, 1) for part in SHEET.place(-109, 29))


def test_land_is_cut_at_the_edge_of_the_sheet():
    small = Sheet("small", SHEET.projection, -108, 28, -106, 32, 100)
    ring = base_map.build(topology(), (small,))["small"]["mexico"]
    numbers = [float(number) for number in ring.strip("Mz").replace("l", " ").replace(",", " ").split()]
    assert max(map(abs, numbers)) <= max(small.width, small.height) + 8


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ([(0, 0), (5, 0.2), (10, 0)], [(0, 0), (10, 0)]),
        ([(0, 0), (5, 3), (10, 0)], [(0, 0), (5, 3), (10, 0)]),
        ([(0, 0), (2, 5), (0, 0)], [(0, 0), (2, 5), (0, 0)]),
    ],
)
def test_lines_lose_what_nobody_would_see(line, expected):
    assert base_map._simplified(line) == expected


def test_path_data_has_half_units_and_a_decimal_point():
    assert base_map._path([[(1.26, 2), (3.5, 2), (3.6, 7.9)]]) == "M1.5,2l2,0 0,6"
    assert base_map._path([[(0, 0), (1, 0), (1, 1), (0, 0)]], closed=True) == ""  # a speck


def test_the_built_map_has_every_layer():
    """`make assets` leaves it beside the style sheet."""
    land = base_map.load()
    assert set(land) == {"border", "region"}
    for layers in land.values():
        assert layers["united_states"]
        assert layers["mexico"]
        assert layers["border"]
    west, east = land["border"]["line"][0], land["border"]["line"][-1]
    assert west[0] < 70
    assert east[0] > 930
    assert sum(len(layers[name]) for layers in land.values() for name in ("united_states", "mexico", "border")) < 40_000
