"""POST /explain, in-process."""

import pytest

ARTICLE = {
    "title": "Turki Beli <b>Jet Tempur</b>",
    "text": "ANKARA - Turki &amp; Inggris 😀 meneken kontrak pembelian rudal S-400, Senin.\n\nBaca juga: Harga Emas Turun",
}


def test_an_explanation_adds_up_and_is_cut_from_what_was_sent(inside):
    names = list(inside.get("/model").json()["thresholds"])
    answer = inside.post("/explain", json=ARTICLE | {"labels": names}).json()
    plain = inside.post("/classify", json=ARTICLE).json()
    assert {key: value for key, value in answer.items() if key != "explanation"} == plain
    assert set(answer["explanation"]) == set(names)
    for row in answer["explanation"].values():
        parts = [*row["unplaced"], *row["evidence"]]
        assert row["base"] + sum(part["weight"] for part in parts) == pytest.approx(row["margin"], abs=1e-4)
        assert {part["field"] for part in row["evidence"]} == {"title", "text"}
        for part in row["evidence"]:
            assert ARTICLE[part["field"]][part["start"] : part["end"]] == part["text"]


def test_without_labels_the_assigned_ones_are_explained(inside):
    for labels in ({}, {"labels": None}, {"labels": []}):
        answer = inside.post("/explain", json=ARTICLE | labels).json()
        assert list(answer["explanation"]) == answer["labels"]


@pytest.mark.parametrize(
    ("body", "loc"),
    [
        (ARTICLE | {"labels": ["nuclear", "nuklir"]}, ["labels", 1]),
        (ARTICLE | {"labels": [7]}, ["labels", 0]),
        (ARTICLE | {"labels": "nuclear"}, ["labels"]),
        (ARTICLE | {"labels": ["nuclear"] * 101}, ["labels"]),
        ({"text": "..."}, ["text"]),
        ({"labels": ["nuclear"]}, ["text"]),
    ],
)
def test_what_cannot_be_explained_is_refused_with_its_place(inside, body, loc):
    answer = inside.post("/explain", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_request"
    assert answer.json()["detail"][0]["loc"] == loc
