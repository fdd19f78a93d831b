"""How the champion's alias is moved by hand, and back."""

import json

import pytest

from tests.stores import NAME, folder_of, kawat, spoilt
from train.aliases import champion_version, promote, rollback
from train.artifact import FILE


def test_promote_and_rollback_say_what_changed_and_walk_back(registry_client, register, tiny_classifier):
    register()
    for _ in range(3):
        register(spoilt(tiny_classifier, 30))
    assert "version 3 is the champion now (version 1 was)" in kawat("promote", "3").stdout
    assert "version 2 is the champion now (version 3 was)" in kawat("promote", "2").stdout
    assert "version 4 is the champion now (version 2 was)" in kawat("promote", "challenger").stdout
    assert "already; nothing was changed" in kawat("promote", "4").stdout
    back = [json.loads(kawat("rollback", "--json").stdout) for _ in range(3)]
    assert [(move["before"], move["after"]) for move in back] == [(4, 2), (2, 3), (3, 1)]
    end = kawat("rollback")
    assert end.exit_code == 1
    assert "nothing to go back to" in end.stderr
    assert "kawat promote" in end.stderr
    assert champion_version(registry_client, NAME) == "1"


def test_a_deleted_version_is_passed_over_on_the_way_back(registry_client, register):
    for _ in range(3):
        register()
    promote(NAME, "2")
    promote(NAME, "3")
    registry_client.delete_model_version(NAME, "2")
    assert rollback(NAME).after == "1"


def test_what_cannot_be_loaded_is_not_promoted(registry_client, register):
    register()
    register()
    (folder_of(registry_client, "2") / FILE).write_bytes(b"")
    for arguments in (("promote", "2"), ("promote", "challenger")):
        done = kawat(*arguments)
        assert done.exit_code == 1
        assert "kawat train" in done.stderr
    assert champion_version(registry_client, NAME) == "1"


@pytest.mark.parametrize("which", ["99", "nobody"])
def test_an_unknown_version_is_an_error_that_lists_those_there_are(register, which):
    register()
    done = kawat("promote", which)
    assert done.exit_code == 1
    assert f"no '{which}' (versions: 1)" in done.stderr


@pytest.mark.parametrize("command", [["promote", "1"], ["rollback"], ["prune"]])
def test_without_a_store_the_commands_say_how_to_start(tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    done = kawat(*command)
    assert done.exit_code == 1
    assert "kawat train" in done.stderr
    assert list(tmp_path.iterdir()) == []
