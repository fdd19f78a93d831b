"""The model that serves: it follows the registry's alias, and a bad version never takes the place of a good one."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from serve.errors import NOT_READY, RequestError

if TYPE_CHECKING:
    from mlflow import MlflowClient

    from train.registry import RegisteredClassifier

NAME_VARIABLE = "KAWAT_MODEL_NAME"
"""Environment variable that tells the workers which registered model they serve."""
POLL_SECONDS = 1.0
"""Between two looks at the alias."""
_MAX_BACK_OFF = 30.0
_RETRY_REFUSED = (60.0, 3600.0)
"""Seconds after which a refused version is tried again, at first and at most: what failed may have been the store."""


class Source(Protocol):
    """Where versions of the model come from."""

    def version(self) -> str:
        """Return the version that shall serve; any exception means that the look-up failed."""

    def load(self, version: str) -> RegisteredClassifier:
        """Load a version; any exception means that it is refused."""


class Registry:
    """The champion in MLflow's registry.

    Parameters
    ----------
    name : str
        Of the registered model.
    """

    def __init__(self, name: str) -> None:
        from train import store

        store.ask_briefly()  # a follower asks again in any case
        self.name = name
        self._client: MlflowClient | None = None

    def version(self) -> str:
        """Return the version that carries the alias."""
        from train import registry, store

        registry.require_store()
        self._client = self._client or store.open_client()
        return str(registry.resolve(self._client, self.name).version)

    def load(self, version: str) -> RegisteredClassifier:
        """Load a version."""
        from train import registry

        return registry.load(self.name, version)


@dataclass(frozen=True)
class Refused:
    """A version that was not let in.

    Attributes
    ----------
    version, reason : str
        Which, and why.
    at : float
        When, in seconds since 1970.
    """

    version: str
    reason: str
    at: float


class Champion:
    """Follows a source in a thread and holds the model that serves.

    Parameters
    ----------
    source : Source
        Says which version shall serve.
    examine : callable
        Takes a loaded model and raises if it must not serve; warms it on the way.
    report : callable
        Takes an event (``swapped``, ``refused``, ``lookup_failed``), the version and a reason.
    poll : float
        Seconds between two looks.
    """

    def __init__(
        self,
        source: Source,
        examine: Callable[[RegisteredClassifier], None],
        report: Callable[[str, str, str], None],
        poll: float = POLL_SECONDS,
    ) -> None:
        self._source = source
        self._examine = examine
        self._report = report
        self._poll = poll
        self._model: RegisteredClassifier | None = None
        self._failures = 0
        self._tries = 0
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self.refused: Refused | None = None

    @property
    def is_ready(self) -> bool:
        """Whether there is a model that answers."""
        return self._model is not None

    def serving(self) -> RegisteredClassifier:
        """Return the model that serves now; who holds it goes on with it, whatever comes after.

        Raises
        ------
        RequestError
            503 if no version could be loaded yet.
        """
        if self._model is None:
            reason = f": {self.refused.reason}" if self.refused else ""
            raise RequestError(503, f"no model serves yet{reason}", code=NOT_READY, headers={"Retry-After": "5"})
        return self._model

    def start(self) -> None:
        """Load what shall serve now, then follow."""
        self.look()
        self._thread = threading.Thread(target=self._follow, name="champion", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Follow no longer."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(5)

    def look(self) -> float:
        """Look once, swap if there is something better, and return in how many seconds to look again."""
        try:
            version = self._source.version()
        except Exception as error:
            # Locked, unreachable, moved away, without the alias: the model that serves is as good as before.
            self._failures += 1
            self._report("lookup_failed", "", f"{type(error).__name__}: {error}")
            return min(self._poll * 2**self._failures, _MAX_BACK_OFF)
        self._failures = 0
        if self._model is not None and version == self._model.version:
            self.refused, self._tries = None, 0
        elif self.refused is None or version != self.refused.version or self._is_time_to_retry(self.refused):
            self._swap(version)
        return self._poll

    def _is_time_to_retry(self, refused: Refused) -> bool:
        first, most = _RETRY_REFUSED
        return time.time() - refused.at > min(first * 2 ** (self._tries - 1), most)

    def _swap(self, version: str) -> None:
        try:
            model = self._source.load(version)
            self._examine(model)
        except Exception as error:
            self._tries = self._tries + 1 if self.refused and self.refused.version == version else 1
            self.refused = Refused(version, str(error) or type(error).__name__, time.time())
            self._report("refused", version, self.refused.reason)
            return
        # One reference: a request that has begun holds the former model and ends with it.
        self._model, self.refused, self._tries = model, None, 0
        self._report("swapped", version, "")

    def _follow(self) -> None:
        pause = self._poll
        while not self._stop.wait(pause):
            pause = self.look()
