"""The README's commands, run as they stand there.

Trainings are run on a small file and with ``--quick``, so that all of them together take a minute. Not run but only read
by the command, which refuses an option that it does not have, are ``kawat train`` as it stands alone (`make serve`
trains on the whole corpus for the other tests), with ``--prefer`` or with ``--tune``; and `kawat serve --host 0.0.0.0`
(see test_exposure). `bentoml serve` is run by test_bundle.
"""

import csv
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from kawat import main
from serve.errors import CODES
from tests.processes import BIN, ROOT, environment, free_port, run, server
from train.dataset import embedded_corpus

_ARTICLES = 240
"""Of the embedded corpus, for the trainings."""
README = (ROOT / "README.md").read_text("utf-8")
_VALUES = r"^([A-Z_]+=\S+ )+"
"""Of the environment, in front of a command."""
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
    return [command for command in (re.sub(_VALUES, "", one) for one in found) if command.split()[0] == word]


def test_the_readme_opens_with_the_two_commands():
    assert [shlex.split(command, comments=True) for command in commands("make")[:2]] == [
        ["make", "serve"],
        ["make", "test"],
    ]


def test_every_shell_command_is_known_to_this_module():
    words = {command.split()[0] for language, block in BLOCKS if language == "sh" for command in commands_of(block)}
    assert words == {"make", "curl", "kawat", "bentoml"}
    assert [shlex.split(one, comments=True) for one in commands("bentoml")] == [
        ["bentoml", "serve", "kawat-service:latest"]
    ]


def commands_of(block: str) -> list[str]:
    lines = (re.sub(_VALUES, "", line) for line in block.splitlines())
    return [line for line in lines if re.match(r"[a-z]+ ", line)]


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


KAWAT = [shlex.split(command, comments=True)[1:] for command in commands("kawat")]
_READ_ONLY = ("--tune", "--prefer", "--host")
"""Commands with these are read but not run."""


@pytest.mark.parametrize("words", KAWAT, ids=" ".join)
def test_the_commands_have_the_options_that_are_shown(words):
    command = main.commands[words[0]]
    command.make_context(words[0], list(words[1:]))  # raises where an option or argument is unknown


def test_every_command_has_its_line():
    listed = re.findall(r"^\| `kawat (\w+)` \| \w.* \|$", README, re.M)
    assert sorted(listed) == sorted(main.commands)
    assert {words[0] for words in KAWAT} == set(main.commands)


def test_the_commands_that_print_json_are_named():
    sentence = re.search(r"`--help`; (.*?) print one JSON", README, re.S)[1]
    printing = {name for name, command in main.commands.items() if "--json" in str([p.opts for p in command.params])}
    assert set(re.findall(r"`(\w+)`", sentence)) == printing


def test_the_stable_codes_are_listed_with_their_status():
    listed = set()
    for statuses, codes in re.findall(r"^\| (\d{3}(?:, \d{3})*) \| (`.*?`) \|", README, re.M):
        numbers, names = re.findall(r"\d+", statuses), re.findall(r"\w+", codes)
        listed |= {(int(numbers[min(place, len(numbers) - 1)]), name) for place, name in enumerate(names)}
    assert {name for _, name in listed} == {*CODES.values(), "not_ready"}
    assert [pair for pair in listed if pair[1] not in (CODES[pair[0]], "not_ready")] == []


def test_every_setting_of_the_environment_is_listed():
    files = [path for room in ("features", "train", "serve") for path in (ROOT / room).rglob("*.py")]
    used = {name for path in files for name in re.findall(r'"(KAWAT_[A-Z_]+)"', path.read_text("utf-8"))}
    listed = set(re.findall(r"^\| `([A-Z_]+)` \|", README, re.M))
    assert {name for name in listed if name.startswith("KAWAT_")} == used - {"KAWAT_WORKERS_FOLDER"}  # is set by ours
    assert {"MLFLOW_TRACKING_URI", "BENTOML_HOME"} <= listed


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A folder with the files that the README speaks of: its own example, and small ones."""
    folder = tmp_path_factory.mktemp("readme")
    example = next(
        block for language, block in BLOCKS if language == "json" and '"labels"' in block and '"text"' in block
    )
    (folder / "desk.jsonl").write_text(example, "utf-8")
    (folder / "articles.csv").write_text("text\nRusia mengirim rudal ke India.\n", "utf-8")
    rows = embedded_corpus().read_text("utf-8").splitlines(keepends=True)[:_ARTICLES]
    (folder / "small.jsonl").write_text("".join(rows), "utf-8")
    (folder / "mine.toml").write_text('[[label]]\nname = "perang"\n[[label]]\nname = "runding"\n', "utf-8")
    with (folder / "mine.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["text", "labels"])
        for row in map(json.loads, rows):
            known = {"armed-conflict": "perang", "diplomacy": "runding"}
            writer.writerow([row["text"], "|".join(known[label] for label in row["labels"] if label in known)])
    return folder


def made_cheap(words: list[str]) -> list[str] | None:
    """Return a command of the README as this module runs it, or None if it is only read."""
    if set(words) & set(_READ_ONLY) or words == ["train"]:
        return None
    if words[0] == "train":
        return [*words, "--quick", *([] if "--data" in words else ["--data", "small.jsonl"])]
    return words


def test_the_kawat_commands_work_one_after_the_other(folder):
    # The model that a new one is compared with, and what compares them, stand after the trainings in the README.
    commands = [(words, cheap) for words in KAWAT if (cheap := made_cheap(words))]
    order = sorted(commands, key=lambda pair: pair[0][0] != "train")
    for words, cheap in order:
        if words[0] not in ("ui", "serve"):
            done = run(str(BIN / "kawat"), *cheap, cwd=folder, timeout=420, BENTOML_HOME=str(folder / "bentoml"))
            assert done.returncode == 0, f"{' '.join(cheap)}\n{done.stderr}"
    assert (folder / "answers.csv").exists()
    for words, path in ((["ui"], "/health"), (next(words for words in KAWAT if words[0] == "serve"), "/readyz")):
        port = free_port()
        arguments = [str(BIN / "kawat"), *words, "--port", str(port)]
        with server(arguments, port, cwd=folder, log=folder / f"{words[0]}.log", path=path):
            pass


def test_the_files_that_the_readme_links_to_exist():
    links = re.findall(r"\]\((?!http)([^)#]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_environment_of_the_tests_is_free_of_settings(monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:///elsewhere.db")
    assert "MLFLOW_TRACKING_URI" not in environment()
