"""Files of labels."""

import pytest

from train.labels import Label, LabelError, load_labels

TWO = '[[label]]\nname = "a"\n[[label]]\nname = "b"\n'


def load(folder, text):
    path = folder / "labels.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return load_labels(path)


def test_the_embedded_labels():
    labels = load_labels()
    assert [label.name for label in labels] == [
        "arms-transfer",
        "alliance",
        "diplomacy",
        "sanctions",
        "military-activity",
        "armed-conflict",
        "nuclear",
    ]
    assert all(label.title.keys() == {"id", "en"} and label.definition and label.boundary for label in labels)


def test_labels_come_in_the_order_of_the_file(tmp_path):
    labels = load(tmp_path, TWO + '[[label]]\nname = "0"\ntitle = "Nol"\ndefinition = "D"\nboundary = "B"\n')
    assert [label.name for label in labels] == ["a", "b", "0"]
    assert labels[2] == Label("0", {"id": "Nol", "en": "Nol"}, "D", "B")


def test_a_label_without_a_title_is_called_by_its_name(tmp_path):
    assert load(tmp_path, TWO)[0] == Label("a", {"id": "a", "en": "a"})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "0 .* tables, expected at least two"),
        ('[[label]]\nname = "a"\n', "1 .* tables, expected at least two"),
        (TWO + '[[label]]\nname = "a"\n', "a name stands twice in a, b, a"),
        (TWO + "[[label]]\n", "label 3: name = None, expected a word without spaces"),
        (TWO + "[[label]]\nname = 3\n", "label 3: name = 3"),
        (TWO + '[[label]]\nname = "c d"\n', "label 3: name = 'c d'"),
        (TWO + '[[label]]\nname = "c|d"\n', "label 3: name = "),
        (TWO + '[[label]]\nname = "c,d"\n', "label 3: name = "),
        (TWO + '[[label]]\nname = ""\n', "label 3: name = "),
        ('[label]\nname = "a"\n', "label = "),
        ("label = 5\n", "label"),
        ("[[label", ".*expected a TOML file"),
        (b'name = "\xff"', ".*expected a TOML file"),
    ],
)
def test_a_bad_file_is_refused(tmp_path, text, message):
    with pytest.raises(LabelError, match=rf"labels\.toml: {message}"):
        load(tmp_path, text)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(LabelError, match=r"nowhere\.toml"):
        load_labels(tmp_path / "nowhere.toml")
