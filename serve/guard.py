"""Who may ask: the address that is listened on, the API key, host and origin, and what a body may be."""

from __future__ import annotations

import hmac
import os
import socket
from collections.abc import Mapping
from functools import cached_property, lru_cache
from ipaddress import ip_address

from serve.errors import RequestError

OPEN_PATHS = frozenset({"/livez", "/readyz", "/healthz", "/"})
"""Routes that need no key: health, and the page, which holds nothing and asks for the key."""
PAGE_FOLDER = "/page/"
"""Path below which the page's files lie; they are the same for everyone and need no key."""
_HEALTH = frozenset({"/livez", "/readyz", "/healthz"})


class OpenServiceError(RuntimeError):
    """The service would be open to others without a key."""


def check_exposure(host: str) -> None:
    """Refuse an address beyond this machine while there is no API key.

    Parameters
    ----------
    host : str
        Address to listen on.

    Raises
    ------
    OpenServiceError
        If `host` is not loopback, ``KAWAT_API_KEY`` is not set, and ``KAWAT_OPEN`` is not 1.
    """
    if not (os.environ.get("KAWAT_API_KEY") or os.environ.get("KAWAT_OPEN") == "1" or is_loopback(host)):
        raise OpenServiceError(
            f"host {host} can be reached from other machines and no API key is set; "
            "set KAWAT_API_KEY, or say --open (KAWAT_OPEN=1) if everyone may ask"
        )


@lru_cache(256)
def is_loopback(host: str) -> bool:
    """Return whether only this machine reaches an address; what is neither name nor address is not loopback."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


class Access:
    """The rules of access, read from the environment once.

    Parameters
    ----------
    environment : mapping of str to str, optional
        ``KAWAT_API_KEY``, ``KAWAT_OPEN``, and ``KAWAT_HOSTS``, the names under which others reach the service,
        separated by commas (``*`` for any).
    """

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self._key = environment.get("KAWAT_API_KEY", "").encode()
        self._is_open = environment.get("KAWAT_OPEN") == "1"
        named = environment.get("KAWAT_HOSTS", "").lower().split(",")
        self._named = frozenset(name for name in map(str.strip, named) if name)

    @cached_property
    def _own_names(self) -> frozenset[str]:
        return self._named | {"localhost", socket.gethostname().lower(), socket.getfqdn().lower()}

    def check(
        self, method: str, path: str, headers: Mapping[bytes, bytes], server: tuple[str, int | None] | None
    ) -> None:
        """Let a request in, or say why not.

        Parameters
        ----------
        method, path : str
            Of the request.
        headers : mapping of bytes to bytes
            Names in lower case.
        server : tuple of str and int, or None
            The address at which the request arrived.

        Raises
        ------
        RequestError
            401 without the key, 403 for a foreign host or origin, 415 for a body that is not plain JSON.
        """
        if path in _HEALTH:
            return
        # However the service was started, as a Bento too: beyond this machine it answers only those who may ask.
        if (
            not (self._key or self._is_open)
            and server is not None
            and server[1] is not None
            and not is_loopback(server[0])
        ):
            raise RequestError(403, "the service has no API key and answers on this machine only; set KAWAT_API_KEY")
        host = headers.get(b"host", b"").decode("latin-1").lower()
        if not self._is_own(_without_port(host)):
            raise RequestError(
                403, "the Host header names another service; name the service's own host, or add it to KAWAT_HOSTS"
            )
        is_open = path in OPEN_PATHS or path.startswith(PAGE_FOLDER)
        if self._key and not is_open and not self._is_authorized(headers):
            raise RequestError(
                401, "send the API key as 'Authorization: Bearer …'", headers={"WWW-Authenticate": "Bearer"}
            )
        if method == "POST":
            self._check_body(headers, host)

    def _is_own(self, name: str) -> bool:
        """Whether a host name is ours; a rebound DNS name is not, and an address cannot be rebound."""
        return not name or name in self._own_names or "*" in self._named or _is_address(name)

    def _is_authorized(self, headers: Mapping[bytes, bytes]) -> bool:
        scheme, _, key = headers.get(b"authorization", b"").partition(b" ")
        return scheme.lower() == b"bearer" and hmac.compare_digest(key.strip(), self._key)

    def _check_body(self, headers: Mapping[bytes, bytes], host: str) -> None:
        origin = headers.get(b"origin")
        if origin is not None:
            _, separator, sender = origin.decode("latin-1").lower().partition("://")
            if not separator or (sender != host and _without_port(sender) not in self._named):
                raise RequestError(
                    403, "the request comes from a page of another origin; ask from the service's own page"
                )
        got = headers.get(b"content-type", b"none").decode("latin-1")
        if got.split(";")[0].strip().lower() != "application/json":
            raise RequestError(415, f"content type {got[:100]!r}, expected application/json")
        if headers.get(b"content-encoding", b"identity").lower() != b"identity":
            raise RequestError(415, "the body is compressed; send plain application/json")


@lru_cache(256)
def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.rpartition(":")[0] if host.count(":") == 1 else host
