"""What the service is measured against: FastAPI around a usual pipeline, and FastAPI that does nothing.

`uvicorn benchmarks.serving_peers:usual` and `uvicorn benchmarks.serving_peers:bare`; the pipeline is trained once, by
`python -m benchmarks.serving_peers FILE`, and read from the file that `KAWAT_PEER` names.
"""

from __future__ import annotations

import os
import pickle
import sys
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from serve.schemas import Article, Model, Result

usual, bare = FastAPI(), FastAPI()


def train(file: Path) -> None:
    """Train the usual pipeline on the embedded corpus."""
    from benchmarks.usual import usual_pipeline
    from train.dataset import embedded_corpus, read_dataset
    from train.labels import load_labels

    data = read_dataset([embedded_corpus()], [label.name for label in load_labels()])
    pipeline = usual_pipeline()
    pipeline.fit([document.text for document in data.documents], data.Y)
    file.write_bytes(pickle.dumps((list(data.labels), pipeline)))


_labels, _pipeline = (
    pickle.loads(Path(os.environ["KAWAT_PEER"]).read_bytes()) if "KAWAT_PEER" in os.environ else ([], None)
)


@usual.post("/classify")
def classify(article: Article) -> Result:
    """Label one article, as most tutorials do it."""
    (row,) = _pipeline.predict_proba([f"{article.title or ''}\n{article.text}"]).tolist()
    return _result(article, dict(zip(_labels, row, strict=True)))


@bare.post("/classify")
def nothing(article: Article) -> Result:
    """Answer without having looked."""
    return _result(article, {})


@usual.get("/readyz")
@bare.get("/readyz")
def ready() -> dict[str, Any]:
    """Say that it is ready."""
    return {}


def _result(article: Article, scores: dict[str, float]) -> Result:
    labels = sorted((name for name in scores if scores[name] >= 0.5), key=lambda name: -scores[name])
    return Result(
        id=article.id or "0",
        language="id",
        labels=labels,
        primary=labels[0] if labels else None,
        scores=scores,
        entities=[],
        warnings=[],
        model=Model(name="peer", version="1"),
    )


if __name__ == "__main__":
    train(Path(sys.argv[1]))
