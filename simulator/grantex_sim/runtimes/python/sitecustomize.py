"""Imported by Python itself under `grantex-sim run`: the played hosts are where the simulator is.

Clients that take no proxy from the environment (aiohttp without ``trust_env``, datadog-api-client)
resolve a host's name by `socket.getaddrinfo`, which for those hosts answers with the simulator's
address and port. The name that they ask for and check in the certificate stays as it is.

It is imported at the start of every Python program of whatever version: nothing slow, nothing new.
"""
# ruff: noqa: INP001, PTH100, PTH120 - found by its folder; pathlib would double the start

import importlib.machinery
import importlib.util
import os
import socket
import sys


def _redirect() -> None:
    host, _, port = os.environ.get("GRANTEX_SIM_ENTRANCE", "").rpartition(":")
    domains = tuple(filter(None, os.environ.get("GRANTEX_SIM_PLAYED", "").split(",")))
    if not host or not port.isdigit() or not domains:
        return
    resolve = socket.getaddrinfo

    def getaddrinfo(
        name: object,
        service: object,
        family: int = 0,
        type: int = 0,  # noqa: A002
        proto: int = 0,
        flags: int = 0,
    ) -> object:
        asked = name.decode("ascii", "replace") if isinstance(name, bytes) else name
        if isinstance(asked, str):
            asked = asked.lower().rstrip(".")
            if asked in domains or asked.endswith(tuple("." + each for each in domains)):
                name, service = host.strip("[]"), int(port)
                family = 0
        return resolve(name, service, family, type, proto, flags)  # type: ignore[arg-type]

    socket.getaddrinfo = getaddrinfo  # type: ignore[assignment]


def _next() -> None:
    """Run the one that would have been found, were this not here."""
    here = os.path.dirname(os.path.abspath(__file__))
    others = [each for each in sys.path if os.path.abspath(each or ".") != here]
    found = importlib.machinery.PathFinder.find_spec("sitecustomize", others)
    if found is not None and found.loader is not None:
        module = importlib.util.module_from_spec(found)
        sys.modules["sitecustomize"] = module
        found.loader.exec_module(module)


_redirect()
_next()
