"""What texts are searched for before they are cleaned, against plain searches."""

import numpy as np
import pytest
import strategies
from hypothesis import given
from hypothesis import strategies as st

from features.boilerplate import TriggerTable, load_rules
from features.html import html_edits
from features.packing import pack
from features.scan_kernel import MARKUP, ODD, find_dirt
from features.unicode import odd_characters, repair_edits

SOURCES = st.lists(strategies.texts | strategies.pages | st.text(st.characters(max_codepoint=127)), max_size=4)


def places(text, trigger):
    return [at for at in range(len(text)) if text.startswith(trigger, at)]


@given(SOURCES)
def test_every_trigger_is_found_wherever_it_stands(texts):
    rules = [rule for rule in load_rules() if rule.where != "tail"]
    for text, found in zip(texts, TriggerTable(rules).find(texts), strict=True):
        expected = {
            rule.name: sorted(at for trigger in rule.triggers for at in places(text, trigger)) for rule in rules
        }
        assert found == {name: all_places for name, all_places in expected.items() if all_places}


@given(SOURCES)
def test_a_text_without_dirt_needs_no_repair(texts):
    packed = pack(texts)
    for text, flags in zip(texts, find_dirt(packed.data, packed.starts, odd_characters()), strict=True):
        assert bool(flags & MARKUP) == ("<" in text or "&" in text)
        assert flags & MARKUP or not html_edits(text)
        assert flags & ODD or not repair_edits(text)


@pytest.mark.parametrize(
    "text", ["", "Rusia kirim rudal.\n\tItu saja.", "Erdoğan — “kami”", "a" * 63, "a" * 64, "a" * 65]
)
def test_clean_text_has_no_dirt(text):
    packed = pack(["<", text, "\0"])
    assert find_dirt(packed.data, packed.starts, odd_characters()).tolist() == [MARKUP, 0, ODD]


@given(SOURCES)
def test_packed_texts_can_be_told_apart(texts):
    packed = pack(texts)
    parts = [packed.data[a:b].tobytes() for a, b in zip(packed.starts, packed.starts[1:], strict=False)]
    assert [part.decode("utf-8", "surrogatepass") for part in parts] == texts
    assert packed.plain.tolist() == [text.isascii() for text in texts]
    assert not np.any(packed.data[packed.starts[-1] :])
