"""Maps of edits against one origin a character."""

from hypothesis import given
from hypothesis import strategies as st

from features.offsets import Edit, OffsetMap, apply_edits


@st.composite
def edited(draw):
    """Draw a source and sorted edits that do not overlap; some insert, some delete."""
    source = draw(st.text("abcdef", max_size=20))
    bounds = sorted(draw(st.lists(st.integers(0, len(source)), max_size=8)))
    spans = zip(bounds[::2], bounds[1::2], strict=False)
    return source, [Edit(start, end, draw(st.text("XYZ", max_size=3))) for start, end in spans]


def edited_with_origins(source, edits):
    """Return the edited text as (character, source start, source end)."""
    chars, at = [], 0
    for start, end, text in edits:
        chars += [(source[k], k, k + 1) for k in range(at, start)]
        chars += [(char, start, end) for char in text]
        at = end
    return chars + [(source[k], k, k + 1) for k in range(at, len(source))]


@given(edited())
def test_edits_are_carried_out(case):
    source, edits = case
    assert apply_edits(source, edits) == "".join(char for char, _, _ in edited_with_origins(source, edits))


@given(edited())
def test_every_span_maps_to_the_smallest_span_of_its_characters(case):
    source, edits = case
    origins = edited_with_origins(source, edits)
    offsets = OffsetMap(edits)
    for start in range(len(origins)):
        for end in range(start + 1, len(origins) + 1):
            covered = origins[start:end]
            assert offsets.span(start, end) == (min(c[1] for c in covered), max(c[2] for c in covered))


def test_a_replacement_maps_as_a_whole():
    offsets = OffsetMap([Edit(2, 3, "fi")])
    assert [offsets.span(k, k + 1) for k in range(5)] == [(0, 1), (1, 2), (2, 3), (2, 3), (3, 4)]


def test_no_edits_change_nothing():
    assert apply_edits("rudal", []) == "rudal"
    assert OffsetMap([]).span(1, 4) == (1, 4)
