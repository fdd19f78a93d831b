"""Every rule with its own examples, and how rules are read."""

from itertools import pairwise

import pytest
import strategies
from hypothesis import given

from features.boilerplate import boilerplate_edits, load_rules
from features.offsets import apply_edits
from features.text import clean

RULES = [pytest.param(rule, id=rule.name) for rule in load_rules()]
GOOD = {"name": "x", "where": "line", "triggers": ["aaa"], "pattern": "a", "removes": "a => ", "keeps": "b"}


def write_rules(folder, **changed):
    row = {key: value for key, value in (GOOD | changed).items() if value is not None}
    text = "[[rule]]\n" + "".join(f"{key} = {value!r}\n" for key, value in row.items())
    (folder / "boilerplate.toml").write_text(text, "utf-8")


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_removes_its_example(rule):
    before, after = rule.removes.split(" => ")
    assert clean(before).text.strip() == after


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_matches_its_own_example(rule):
    """Without the other rules, so that none is there for nothing."""
    before = rule.removes.split(" => ")[0]
    assert rule.applies(before)
    assert any(rule.pattern.search(line) for line in (before, *before.split("\n")))


@pytest.mark.parametrize("rule", RULES)
def test_what_looks_alike_is_kept(rule):
    assert clean(rule.keeps) == (rule.keeps, ())


@given(strategies.pages)
def test_edits_are_in_order_and_remove_something(text):
    edits = boilerplate_edits(text)
    assert all(0 <= edit.start < edit.end <= len(text) for edit in edits)
    assert all(left.end <= right.start for left, right in pairwise(edits))
    assert {edit.text for edit in edits} <= {"", " "}


def test_head_rules_follow_one_another():
    text = "Home > Asia\nOleh: Sari Wulandari\nSenin, 18 Maret 2024 | 06:41 WIB\nMOSKOW, WartaKini.com -- Rusia menang"
    assert clean(text).text == "Rusia menang"


def test_a_head_rule_looks_at_the_head_only():
    line = "Oleh: Sari Wulandari"
    assert clean(f"Rusia menang.\n{line}\nUkraina waspada.").text == f"Rusia menang.\n{line}\nUkraina waspada."


def test_a_head_rule_never_stops_inside_a_line():
    source = " " * 385 + "Oleh: Sari Wulandari Puspita Dewi\nRusia mengirim rudal"
    assert clean(source).text.strip() in (source.strip(), "Rusia mengirim rudal")


def test_an_inline_match_does_not_join_words():
    text = "tewas.[Gambas:Video x]Polisi"
    assert apply_edits(text, boilerplate_edits(text)) == "tewas. Polisi"


def test_neighbouring_lines_fall_together():
    assert clean("Kyiv diserang.\nIKLAN\nBaca juga: x\nFoto: y\nDua tewas.").text == "Kyiv diserang.\nDua tewas."


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"where": "middle"}, "'x': where = 'middle', expected one of head, line, inline, tail"),
        ({"keeps": None}, "'x': key 'keeps' is missing"),
        ({"pattern": "("}, "'x': bad pattern"),
        ({"triggers": ["aaa", "a"]}, "'x': triggers = .* expected some of three bytes or more"),
        ({"triggers": []}, "'x': triggers = .* expected some of three bytes or more"),
    ],
)
def test_a_bad_rule_is_named(changed, message, tmp_path, monkeypatch):
    monkeypatch.setattr("features.boilerplate.files", lambda package: tmp_path)
    write_rules(tmp_path, **changed)
    with pytest.raises(ValueError, match=message):
        load_rules.__wrapped__()


def test_a_good_rule_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr("features.boilerplate.files", lambda package: tmp_path)
    write_rules(tmp_path)
    (rule,) = load_rules.__wrapped__()
    assert (rule.name, rule.where, rule.triggers) == ("x", "line", ("aaa",))
