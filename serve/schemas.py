"""What a request and an answer look like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

if TYPE_CHECKING:
    from features.article import Article as FeatureArticle

MAX_CHARACTERS = 200_000
"""Code points of a text: ``features.article.MAX_CHARACTERS``, whose import would bring compiled loops to the parent of
the workers, which only needs the schemas."""
MAX_BATCH = 1000
"""Articles that one request may hold."""
MAX_LABELS = 100
"""Labels whose explanation one request may ask for."""

_EXAMPLE: JsonDict = {
    "title": "Turki Setujui Pembelian 40 Jet Tempur Eurofighter dari Inggris",
    "text": "ANKARA - Turki dan Inggris menandatangani kontrak pembelian jet tempur Eurofighter Typhoon.",
}


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Article(_Strict):
    """A news article."""

    model_config = ConfigDict(extra="forbid", strict=True, json_schema_extra={"example": _EXAMPLE})

    text: Annotated[
        str,
        Field(min_length=1, max_length=MAX_CHARACTERS, description="Its body as it was published: plain text or HTML."),
    ]
    title: Annotated[str | None, Field(description="Its headline.")] = None
    id: Annotated[str | None, Field(description="Comes back with the result; without it, a hash of the text does.")] = (
        None
    )
    language: Annotated[
        str | None, Field(description="ISO 639-1 code, if known; otherwise it is told from the text.")
    ] = None
    url: Annotated[str | None, Field(description="Where it was published.")] = None
    published: Annotated[str | None, Field(description="When it was published, ISO 8601.")] = None

    def as_article(self) -> FeatureArticle:
        """Return the article that the classifier takes."""
        from features.article import Article as FeatureArticle

        return FeatureArticle(self.text, self.title, self.id, self.language, self.url, self.published)


class ArticleToExplain(Article):
    """An article, and labels to be explained besides those that it gets."""

    labels: Annotated[
        list[str] | None,
        Field(max_length=MAX_LABELS, description="Explain these, too, whether they are assigned or not."),
    ] = None


class Batch(_Strict):
    """Several articles."""

    articles: Annotated[list[Article], Field(min_length=1, max_length=MAX_BATCH)]


class FoundEntity(BaseModel):
    """An entity: ``sent[field][start:end] == text``, in Unicode code points."""

    model_config = ConfigDict(populate_by_name=True)

    text: str
    type: str
    class_: Annotated[str, Field(alias="class", description="Such as weapon.missile; the ISO 3166 code of a country.")]
    name: str
    field: str
    start: int
    end: int


class ResultWarning(BaseModel):
    """What makes a result doubtful."""

    code: str
    message: str


class Model(BaseModel):
    """Which model answered."""

    name: str
    version: str


class Result(BaseModel):
    """What the classifier says of an article."""

    id: str
    language: str
    labels: Annotated[list[str], Field(description="Assigned labels, the most probable first.")]
    primary: Annotated[str | None, Field(description="The first of them.")]
    scores: Annotated[dict[str, float], Field(description="Calibrated probability of every label.")]
    entities: list[FoundEntity]
    warnings: list[ResultWarning]
    model: Model


class Unplaced(BaseModel):
    """What a feature without a place in the text adds to a margin."""

    feature: Annotated[str, Field(description="Its name; `other` is the sum of the weaker ones.")]
    weight: float


class Evidence(BaseModel):
    """What a word or phrase adds to a margin: ``sent[field][start:end] == text``, in Unicode code points."""

    text: str
    field: str
    start: int
    end: int
    weight: Annotated[float, Field(description="Above 0 it speaks for the label, below 0 against it.")]


class Explanation(BaseModel):
    """Why a label has its margin: base + sum of unplaced + sum of evidence = margin."""

    margin: Annotated[float, Field(description="Log-odds before calibration.")]
    base: Annotated[float, Field(description="The margin of an article without any feature.")]
    unplaced: list[Unplaced]
    evidence: Annotated[list[Evidence], Field(description="The strongest first, without overlap.")]


class ExplainedResult(Result):
    """A result with its reasons."""

    explanation: Annotated[dict[str, Explanation], Field(description="Of the assigned labels and those asked for.")]


class BatchResult(BaseModel):
    """Results in the order of the articles."""

    model: Model
    results: list[Result]


class KnownLabel(BaseModel):
    """A label; one that is not of the embedded corpus has its name only."""

    name: str
    title: Annotated[dict[str, str] | None, Field(description="By language.")] = None
    definition: str | None = None
    boundary: Annotated[str | None, Field(description="What does not count.")] = None


class KnownLabels(BaseModel):
    """The labels of the model that serves."""

    labels: list[KnownLabel]


class RefusedModel(BaseModel):
    """A newer version that may not serve."""

    version: str
    reason: str
    at: Annotated[float, Field(description="Seconds since 1970.")]


class ServingModel(BaseModel):
    """The model that serves."""

    name: str
    version: str
    run_id: str
    metrics: dict[str, float]
    thresholds: Annotated[dict[str, float], Field(description="A label is assigned from this probability on.")]
    refused: RefusedModel | None


class ErrorDetail(BaseModel):
    """One thing that is wrong."""

    loc: list[str | int]
    msg: str


class Error(BaseModel):
    """Every answer with a status of 400 or more."""

    error: Annotated[str, Field(description="A stable code such as invalid_request.")]
    detail: list[ErrorDetail]
