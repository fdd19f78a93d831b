"""The README's commands, run as they stand there."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes import BIN, ROOT, environment, free_port, run, server

README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README, re.S)


def commands(word: str) -> list[str]:
    """Commands of the shell blocks that begin with `word`, continuation lines joined."""
    text = "\n".join(block for language, block in BLOCKS if language == "sh")
    joined = re.sub(r"\\\n\s*", "", text)
    found, quoted = [], ""
    for line in joined.splitlines():
        quoted = f"{quoted}\n{line}" if quoted else line
        try:
            shlex.split(quoted, comments=True)
        except ValueError:
            continue  # a quotation goes on in the next line
        if quoted.strip():
            found.append(quoted.strip())
        quoted = ""
    return [command for command in found if command.split()[0] == word]


def test_the_readme_opens_with_the_two_commands():
    assert [shlex.split(command, comments=True) for command in commands("make")[:2]] == [
        ["make", "serve"],
        ["make", "test"],
    ]


def test_every_shell_command_is_known_to_this_module():
    words = {command.split()[0] for language, block in BLOCKS if language == "sh" for command in commands_of(block)}
    assert words <= {"make", "curl", "kawat"}


def commands_of(block: str) -> list[str]:
    return [line for line in block.splitlines() if re.match(r"[a-z]+ ", line)]


def test_the_article_gets_the_answer_that_is_printed(service):
    answer = curl(commands("curl")[0], service)
    printed = json.loads(next(block for language, block in BLOCKS if language == "json"))
    assert {key: answer[key] for key in printed} == printed
    assert answer["entities"]
    assert answer["model"]["version"]


@pytest.mark.parametrize("command", commands("curl")[1:])
def test_the_other_requests_are_answered(command, service):
    assert ask(command, service)


def test_there_is_a_request_for_every_route(client):
    asked = {re.search(r"http://127.0.0.1:3000(/\S*)", command)[1] for command in commands("curl")}
    paths = {path for path in client.get("/docs.json").json()["paths"] if "{" not in path}
    assert paths - asked <= {"/healthz", "/schema.json"}  # older names, which BentoML's own clients use
    assert asked <= paths


def curl(command: str, service: str) -> dict:
    return json.loads(ask(command, service))


def ask(command: str, service: str) -> str:
    """Run the command with ``--fail``, by which curl ends with an error where the answer is one."""
    words = shlex.split(command.replace("http://127.0.0.1:3000", service))
    return subprocess.run([*words, "--fail"], capture_output=True, text=True, check=True, timeout=60).stdout


def test_the_python_client_prints_labels_with_their_evidence(service):
    code = next(block for language, block in BLOCKS if language == "python")
    assert len([line for line in code.splitlines() if line.strip()]) <= 10
    done = run(sys.executable, "-c", code.replace("http://127.0.0.1:3000", service), cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert re.match(r"arms-transfer 0\.\d+ \[.*'.*(rudal|S-400|mengirim)", done.stdout)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("readme")
    example = next(
        block for language, block in BLOCKS if language == "json" and '"labels"' in block and '"text"' in block
    )
    (folder / "labelled.jsonl").write_text(example, "utf-8")
    (folder / "articles.csv").write_text("text\nRusia mengirim rudal ke India.\n", "utf-8")
    return folder


def test_the_kawat_commands_work_one_after_the_other(folder):
    shown = [shlex.split(command, comments=True) for command in commands("kawat")]
    assert {words[1] for words in shown} == {
        "train",
        "label",
        "evaluate",
        "models",
        "promote",
        "rollback",
        "prune",
        "runs",
        "ui",
        "bundle",
    }
    for words in shown:
        if words[1] != "ui":
            done = run(str(BIN / "kawat"), *words[1:], cwd=folder, timeout=420, BENTOML_HOME=str(folder / "bentoml"))
            assert done.returncode == 0, f"{' '.join(words)}\n{done.stderr}"
    assert (folder / "labelled.csv").exists()
    port = free_port()
    with server(
        [str(BIN / "kawat"), "ui", "--port", str(port)], port, cwd=folder, log=folder / "ui.log", path="/health"
    ):
        pass


def test_the_files_that_the_readme_links_to_exist():
    links = re.findall(r"\]\((?!http)([^)#]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_environment_of_the_tests_is_free_of_settings(monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:///elsewhere.db")
    assert "MLFLOW_TRACKING_URI" not in environment()
