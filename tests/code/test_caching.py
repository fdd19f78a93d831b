"""Compiled code is kept where it can be written."""

import os

import pytest

from features.caching import cache_folder


@pytest.fixture
def writable(monkeypatch):
    """Say which folders can be written to, whoever runs the test (root can write everywhere)."""
    folders = set()
    monkeypatch.setattr(os, "access", lambda path, mode: str(path) in folders)
    return folders


def test_numba_keeps_its_code_beside_the_package_or_at_home(tmp_path, writable):
    package, home = tmp_path / "package", tmp_path / "home"
    writable.add(str(package))
    assert cache_folder(package, home) is None
    writable.clear()
    writable.add(str(home))
    assert cache_folder(package, home) is None


def test_a_read_only_installation_without_a_home_keeps_it_apart(tmp_path, writable):
    folder = cache_folder(tmp_path / "package", tmp_path / "home")
    assert folder is not None
    assert str(os.getuid()) in folder.name


def test_a_package_with_a_frozen_cache_is_read_only(tmp_path, writable):
    package = tmp_path / "package"
    (package / "__pycache__").mkdir(parents=True)
    writable.add(str(package))
    assert cache_folder(package, tmp_path / "home") is not None
