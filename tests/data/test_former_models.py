"""A model of a former version of the features is refused, or answers as it did."""

import json

import pytest

from features import FEATURES_VERSION
from tests.former import ARTICLES, FOLDER
from train.artifact import FILE, ArtifactError, load_classifier

VERSIONS = range(1, FEATURES_VERSION + 1)


def expected(version):
    return json.loads((FOLDER / f"features-{version}" / "expected.json").read_text("utf-8"))


def test_every_version_has_left_a_small_model():
    """Where this fails, FEATURES_VERSION has gone up: `python -m tests.former` writes the new one."""
    assert {folder.name for folder in FOLDER.glob("features-*")} == {f"features-{version}" for version in VERSIONS}
    assert all((FOLDER / f"features-{version}" / FILE).stat().st_size < 300_000 for version in VERSIONS)


@pytest.mark.parametrize("version", VERSIONS[:-1])
def test_a_former_model_is_refused_and_the_message_says_what_mends_it(version):
    with pytest.raises(ArtifactError, match="kawat train"):
        load_classifier(FOLDER / f"features-{version}" / FILE)


def test_a_model_of_the_present_version_answers_as_it_did():
    """Where this fails, tokeniser, hash or cleaning have changed, and FEATURES_VERSION must go up."""
    found = [
        result.as_json()
        for result in load_classifier(FOLDER / f"features-{FEATURES_VERSION}" / FILE).classify(ARTICLES)
    ]
    for now, then in zip(found, expected(FEATURES_VERSION), strict=True):
        assert now["scores"] == pytest.approx(then["scores"], abs=1e-4)
        assert now["labels"] == then["labels"]
        assert [(e["name"], e["start"], e["end"]) for e in now["entities"]] == [
            (e["name"], e["start"], e["end"]) for e in then["entities"]
        ]


def test_the_model_that_is_kept_tells_articles_apart():
    """Scores that are all the same would hide a change."""
    scores = [row["scores"]["arms-transfer"] for row in expected(FEATURES_VERSION)]
    assert scores[0] > max(scores[1:]) + 0.05
