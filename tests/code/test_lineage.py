"""Which version of the code and of the libraries a run notes."""

import subprocess
from importlib.metadata import version
from pathlib import Path

from train.lineage import code_version, library_versions


def git(folder: Path, *arguments: str) -> str:
    settings = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", "-C", str(folder), *settings, *arguments], check=True, capture_output=True, text=True)
    return done.stdout.strip()


def test_a_checkout_is_its_commit_and_whether_files_differ(tmp_path):
    code_version.cache_clear()
    git(tmp_path, "init", "--quiet")
    (tmp_path / "a.py").write_text("a = 1\n")
    git(tmp_path, "add", "a.py")
    git(tmp_path, "commit", "--quiet", "-m", "a")
    commit = git(tmp_path, "rev-parse", "HEAD")
    assert code_version(tmp_path) == commit
    code_version.cache_clear()
    (tmp_path / "a.py").write_text("a = 2\n")
    assert code_version(tmp_path) == f"{commit}+changes"


def test_an_installed_package_is_its_version_even_inside_another_checkout(tmp_path):
    git(tmp_path, "init", "--quiet")
    inside = tmp_path / "site-packages"
    inside.mkdir()
    assert code_version(inside) == f"kawat {version('kawat')}"


def test_a_checkout_without_a_commit_or_without_git_is_the_packages_version(tmp_path, monkeypatch):
    git(tmp_path, "init", "--quiet")
    assert code_version(tmp_path) == f"kawat {version('kawat')}"
    code_version.cache_clear()
    monkeypatch.setenv("PATH", "")
    assert code_version(tmp_path) == f"kawat {version('kawat')}"


def test_libraries_are_those_installed():
    versions = library_versions()
    assert versions["scikit-learn"] == version("scikit-learn")
    assert versions["python"].startswith("3.")
