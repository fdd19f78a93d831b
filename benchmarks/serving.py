"""The service against its peers, in one run of three rounds: `python -m benchmarks.serving` (about eight minutes).

Writes its table between its marks in the README. `--seconds 1 --rounds 1` gives a rough impression.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from benchmarks.articles import articles
from benchmarks.load import closed_loop, open_loop, request
from benchmarks.readme import write_table
from benchmarks.servers import Server, started

_ROOT = Path(__file__).resolve().parent.parent
_WORKERS = 2
_TEXTS = list(articles(500, size=2100))
_BATCH = 500
_CONCURRENCY = (1, 16, 64)
_EXPLAINED = 50
"""Articles whose explanations are timed."""
_ASKED = ["arms-transfer", "diplomacy"]
"""Labels that are explained; made-up articles carry hardly any, and explaining none costs nothing."""


def _loads(
    server: Server, requests: list[bytes], seconds: float, only: tuple[int, ...] = _CONCURRENCY
) -> dict[str, float]:
    """Warm up, then measure every concurrency: rate, CPU a request, memory; then the tail at half the highest rate."""
    server.settle()
    closed_loop(server.port, requests, 8, max(1.0, seconds / 4))
    found: dict[str, float] = {}
    for concurrency in only:
        cpu = server.cpu_seconds()
        measured = closed_loop(server.port, requests, concurrency, seconds)
        if measured.failed or not measured.seconds:
            raise RuntimeError(f"{len(measured.failed)} requests failed: {sorted(set(measured.failed))}")
        found[f"rate.{concurrency}"] = measured.rate
        found[f"cpu.{concurrency}"] = 1000 * (server.cpu_seconds() - cpu) / len(measured.seconds)
        found[f"p50.{concurrency}"] = 1000 * measured.quantile(0.5)
        found[f"p99.{concurrency}"] = 1000 * measured.quantile(0.99)
    found["memory"] = server.memory_mb()
    return found


def _tail(server: Server, requests: list[bytes], highest: float, seconds: float) -> float:
    measured = open_loop(server.port, requests, highest / 2, seconds)
    return measured.quantile(0.99) / measured.quantile(0.5)


def _singles(port: int) -> list[bytes]:
    return [request("/classify", json.dumps({"text": text}).encode(), port) for text in _TEXTS]


def _explained(port: int, seconds: float) -> dict[str, float]:
    """Return the medians of `/classify` and `/explain` in milliseconds: the same articles, one at a time."""
    found = {}
    for path, asked in (("/classify", {}), ("/explain", {"labels": _ASKED})):
        bodies = [json.dumps({"text": text} | asked).encode() for text in _TEXTS[:_EXPLAINED]]
        requests = [request(path, body, port) for body in bodies]
        closed_loop(port, requests, 1, seconds / 4)
        measured = closed_loop(port, requests, 1, seconds)
        if measured.failed or len(measured.seconds) < _EXPLAINED:
            raise RuntimeError(
                f"{path}: {len(measured.seconds)} answers, {len(measured.failed)} failures; expected {_EXPLAINED} and 0"
            )
        # Whole passes, so that both medians are of the same articles.
        del measured.seconds[len(measured.seconds) // _EXPLAINED * _EXPLAINED :]
        found[path] = 1000 * measured.quantile(0.5)
    return found


def _kawat(folder: str, seconds: float) -> dict[str, float]:
    command = [sys.executable, "-m", "kawat", "serve", "--port", "{port}", "--workers", str(_WORKERS)]
    with started(command, cwd=folder, health="/readyz") as server:
        found = {"start": server.start_seconds} | _loads(server, _singles(server.port), seconds)
        found["tail"] = _tail(server, _singles(server.port), max(found[f"rate.{n}"] for n in _CONCURRENCY), seconds)
        body = json.dumps({"articles": [{"text": text} for text in _TEXTS[:_BATCH]]}).encode()
        batches = closed_loop(server.port, [request("/classify_batch", body, server.port)], 8, 2 * seconds)
        found["batch"] = _BATCH * batches.rate
        return found | _explained(server.port, seconds)


def _mlflow(folder: str, seconds: float) -> dict[str, float]:
    command = [
        sys.executable,
        "-m",
        "mlflow",
        "models",
        "serve",
        "-m",
        "models:/kawat@champion",
        "--env-manager",
        "local",
    ]
    command += ["--port", "{port}", "--workers", str(_WORKERS)]
    with started(command, cwd=folder, health="/ping") as server:
        bodies = [json.dumps({"dataframe_records": [{"text": text, "title": ""}]}).encode() for text in _TEXTS]
        requests = [request("/invocations", body, server.port) for body in bodies]
        return {"start": server.start_seconds} | _loads(server, requests, seconds)


def _fastapi(folder: str, seconds: float, app: str) -> dict[str, float]:
    command = [sys.executable, "-m", "uvicorn", f"benchmarks.serving_peers:{app}", "--port", "{port}"]
    command += ["--workers", str(_WORKERS), "--no-access-log"]
    peer = {"KAWAT_PEER": str(Path(folder) / "peer.pickle")} if app == "usual" else {}
    with started(command, cwd=str(_ROOT), health="/readyz", **peer) as server:
        found = {"start": server.start_seconds} | _loads(server, _singles(server.port), seconds)
        found["tail"] = _tail(server, _singles(server.port), max(found[f"rate.{n}"] for n in _CONCURRENCY), seconds)
        return found


def in_process(seconds: float) -> tuple[float, float]:
    """Return CPU milliseconds an article that is classified alone, and articles a second in batches."""
    from train import registry

    classifier = registry.load("kawat").classifier
    classifier.classify(_TEXTS[:8])
    began, count, cpu = time.perf_counter(), 0, time.process_time()
    while time.perf_counter() - began < seconds:
        classifier.classify([_TEXTS[count % len(_TEXTS)]])
        count += 1
    alone = 1000 * (time.process_time() - cpu) / count
    began, count = time.perf_counter(), 0
    while time.perf_counter() - began < seconds:
        classifier.classify(_TEXTS[:_BATCH])
        count += _BATCH
    return alone, count / (time.perf_counter() - began)


def _in_process(seconds: float) -> dict[str, float]:
    with ProcessPoolExecutor(_WORKERS) as pool:
        found = list(pool.map(in_process, [seconds] * _WORKERS))
    return {"cpu": statistics.mean(alone for alone, _ in found), "batch": sum(batch for _, batch in found)}


def _rounds(folder: str, rounds: int, seconds: float) -> dict[str, list[dict[str, float]]]:
    sides = {
        "kawat": lambda: _kawat(folder, seconds),
        "mlflow": lambda: _mlflow(folder, seconds),
        "usual": lambda: _fastapi(folder, seconds, "usual"),
        "bare": lambda: _fastapi(folder, seconds, "bare"),
        "inside": lambda: _in_process(seconds),
    }
    found: dict[str, list[dict[str, float]]] = defaultdict(list)
    for number in range(rounds):
        for side, measure in sides.items():
            found[side].append(measure())
            print(
                f"round {number + 1}: {side} {json.dumps({k: round(v, 2) for k, v in found[side][-1].items()})}",
                flush=True,
            )
    return found


def _spread(values: list[float], digits: int = 1) -> str:
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f})"


def _table(found: dict[str, list[dict[str, float]]]) -> list[str]:
    def ratio(key: str, side: str, other: str, peer_key: str | None = None) -> list[float]:
        return [a[key] / b[peer_key or key] for a, b in zip(found[side], found[other], strict=True)]

    def middle(side: str, key: str) -> float:
        return statistics.median(row[key] for row in found[side])

    above = [
        ours["cpu.1"] - inside["cpu"] - bare["cpu.1"]
        for ours, inside, bare in zip(found["kawat"], found["inside"], found["bare"], strict=True)
    ]
    rows = ["| what | against | median (lowest to highest) | aim | floor |", "|---|---|---|---|---|"]
    for n in _CONCURRENCY:
        aims = ("5", "3", "3", "2") if n == 16 else ("", "", "", "")
        what = f"`POST /classify`, requests a second at {n} ({middle('kawat', f'rate.{n}'):,.0f})"
        mlflow, usual = middle("mlflow", f"rate.{n}"), middle("usual", f"rate.{n}")
        rows.append(
            f"| {what} | `mlflow models serve` of the same champion ({mlflow:,.0f}) "
            f"| {_spread(ratio(f'rate.{n}', 'kawat', 'mlflow'))} times | {aims[0]} | {aims[1]} |"
        )
        rows.append(
            f"| the same | FastAPI, TF-IDF, logistic regression ({usual:,.0f}) "
            f"| {_spread(ratio(f'rate.{n}', 'kawat', 'usual'))} times | {aims[2]} | {aims[3]} |"
        )
    rows += [
        f"| CPU a request, one at a time ({middle('kawat', 'cpu.1'):.2f} ms), above the same classification in-process "
        f"({middle('inside', 'cpu'):.2f} ms) | bare FastAPI, same schemas ({middle('bare', 'cpu.1'):.2f} ms) "
        f"| {_spread(above, 2)} ms more | 1.0 | 1.5 |",
        f"| `POST /classify_batch` of {_BATCH}, articles a second, two workers ({middle('kawat', 'batch'):,.0f}) "
        f"| in-process on two cores ({middle('inside', 'batch'):,.0f}) "
        f"| {_spread(ratio('batch', 'kawat', 'inside'), 2)} times | 0.7 | 0.5 |",
        f"| p99 / p50 at half the highest rate, open loop ({middle('kawat', 'tail'):.1f}) "
        f"| the FastAPI peer's ({middle('usual', 'tail'):.1f}) "
        f"| {_spread(ratio('tail', 'kawat', 'usual'), 2)} times | 1 | 1.5 |",
        f"| `POST /explain`, median, one at a time ({middle('kawat', '/explain'):.1f} ms) "
        f"| `POST /classify` of the same articles ({middle('kawat', '/classify'):.1f} ms) "
        f"| {_spread(ratio('/explain', 'kawat', 'kawat', '/classify'))} times | 5, or 30 ms | |",
        f"| cold start to ready, warm cache | | {_spread([row['start'] for row in found['kawat']])} s | 8 | 12 |",
        f"| memory of all processes, two workers | `mlflow models serve` {middle('mlflow', 'memory'):,.0f} MB, "
        f"FastAPI peer {middle('usual', 'memory'):,.0f} MB "
        f"| {_spread([row['memory'] for row in found['kawat']], 0)} MB | | |",
    ]
    return rows


def _prepare(folder: str) -> None:
    """Train the peer, and a quick champion where the environment names no store that has one."""
    python = [sys.executable, "-m"]
    has = subprocess.run(
        [*python, "kawat", "models", "--champion", "--quiet"], cwd=folder, capture_output=True, check=False
    )
    if has.returncode:
        print("no champion: training one", flush=True)
        subprocess.run([*python, "kawat", "train", "--quick"], cwd=folder, capture_output=True, check=True)
    peer = str(Path(folder) / "peer.pickle")
    subprocess.run([*python, "benchmarks.serving_peers", peer], cwd=_ROOT, capture_output=True, check=True)


def main() -> None:
    """Measure, print, and write the table between its marks in the README."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5.0, help="of each measurement")
    options = parser.parse_args()
    database = _ROOT / "mlruns" / "mlflow.db"
    with tempfile.TemporaryDirectory() as folder:
        if database.exists():
            os.environ.setdefault("MLFLOW_TRACKING_URI", f"sqlite:///{database}")
        else:
            os.environ.setdefault("MLFLOW_TRACKING_URI", f"sqlite:///{Path(folder) / 'mlruns' / 'mlflow.db'}")
        os.environ |= {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true", "PYTHONPATH": str(_ROOT)}
        # MLflow calls uvicorn by its name.
        os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        _prepare(folder)
        rows = _table(_rounds(folder, options.rounds, options.seconds))
    print("\n".join(rows))
    if options.rounds >= 3:
        write_table("serving benchmarks", rows)


if __name__ == "__main__":
    main()
