"""How the gazetteer's files are read, and what must hold of those that come with the package."""

import pytest
from babel import Locale

from features.gazetteer import TYPES, Form, load_context, load_gazetteer

HEADER = "name,class,forms,country"
STATES = {*Locale("en").territories, "SU"}
"""Codes of today and that of the Soviet Union (ISO 3166-3)."""


@pytest.fixture
def folder(tmp_path):
    """A gazetteer whose files hold nothing but their header."""
    for type_ in TYPES:
        (tmp_path / f"{type_}.csv").write_text(HEADER + "\n", "utf-8")
    return tmp_path


def write(folder, type_, *lines, header=HEADER):
    (folder / f"{type_}.csv").write_text("\n".join([header, *lines]) + "\n", "utf-8")
    return folder


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Lima", Form("Lima")),
        ("=Lima", Form("Lima", exact=True)),
        ("?Lima", Form("Lima", ambiguous=True)),
        ("^Lima", Form("Lima", personal=True)),
        ("=?^Lima", Form("Lima", True, True, True)),
        ("^?=Lima", Form("Lima", True, True, True)),
        ("C=3", Form("C=3")),
    ],
)
def test_marks_stand_before_a_form(text, expected):
    assert Form.parse(text) == expected


def test_an_entry_has_its_name_and_its_forms(folder):
    write(folder, "weapon", "S-400,air-defence,S400 Triumf|=?SAM,RU CN,Almaz", header=HEADER + ",maker")
    (entry,) = load_gazetteer(folder)
    assert (entry.type, entry.name, entry.entity_class) == ("weapon", "S-400", "weapon.air-defence")
    assert entry.countries == ("RU", "CN")
    assert entry.forms == (Form("S-400"), Form("S400 Triumf"), Form("SAM", exact=True, ambiguous=True))


def test_a_name_among_the_forms_keeps_their_marks(folder):
    write(folder, "city", "Lima,capital,=?Lima,PE")
    assert load_gazetteer(folder)[0].forms == (Form("Lima", exact=True, ambiguous=True),)


def test_a_country_is_known_by_its_names_in_both_languages(folder):
    write(folder, "country", "Germany,DE,Jerman Barat,DE")
    (entry,) = load_gazetteer(folder)
    assert entry.entity_class == "DE"
    assert {form.text for form in entry.forms} == {"Germany", "Jerman", "Jerman Barat"}


def test_comments_and_blank_lines_are_passed_over(folder):
    write(folder, "city", "# capitals", "", "Lima,capital,,PE")
    assert [entry.name for entry in load_gazetteer(folder)] == ["Lima"]


def test_entries_come_in_the_order_of_the_types(folder):
    write(folder, "company", "Acme,arms,,")
    write(folder, "city", "Lima,capital,,PE")
    assert [entry.type for entry in load_gazetteer(folder)] == ["city", "company"]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["Lima,capital,PE"], "line 2: 3 columns"),
        (["# x", "Lima,capital,,PE,more"], "line 3: 5 columns"),
        ([",capital,,PE"], "line 2: the name is empty"),
        (["Lima,Capital City,,PE"], "line 2: class 'Capital City', expected lower-case"),
        (["Lima,capital,,Peru"], "line 2: country 'Peru', expected ISO 3166"),
        (["Lima,capital,Lima|=?,PE"], "line 2: the form '' holds no letter or digit"),
        (["Lima,capital,,PE", "Callao,port,lima,PE"], "line 3: the form 'lima' stands in line 2 already"),
        (["New York,city,,US", "NY,city,New-York,US"], "line 3: the form 'New-York' stands in line 2"),
    ],
)
def test_a_bad_line_is_named(folder, lines, message):
    with pytest.raises(ValueError, match=f"city.csv {message}"):
        load_gazetteer(write(folder, "city", *lines))


@pytest.mark.parametrize("header", ["", "name,class,country"])
def test_a_missing_column_is_named(folder, header):
    with pytest.raises(ValueError, match=r"city\.csv line 1: no column .*forms"):
        load_gazetteer(write(folder, "city", header=header))


def test_case_tells_exact_forms_apart(folder):
    write(folder, "organisation", "World Health Organization,agency,=WHO,", "The Who,band,=Who,")
    assert len(load_gazetteer(folder)) == 2


def test_the_embedded_gazetteer_names_states_that_there_are():
    entries = load_gazetteer()
    unknown = {code for entry in entries for code in entry.countries} - STATES
    assert unknown == set()
    assert [e.name for e in entries if e.type == "country" and e.entity_class not in STATES] == []


def test_the_embedded_gazetteer_has_entries_of_every_type():
    entries = load_gazetteer()
    assert [type_ for type_ in TYPES if not any(entry.type == type_ for entry in entries)] == []


def test_words_of_the_context_are_in_lower_case():
    context = load_context()
    words = context.neutral | context.not_in_slugs | frozenset().union(*context.cues.values())
    assert [word for word in words if word != word.casefold() or len(word.split()) != 1] == []
    assert set(context.cues) == set(TYPES)
    assert all(context.cues.values())
