"""A served federation, and the client stacks that regional solutions are built with, each in a process of its own.

The callers reach the gateway through a relay of bytes that counts connections: its address is the public URL of the
gateway, so that a stack which finds its way from the WSDL alone proves that addresses are rewritten.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
CLIENTS = HERE / "clients"
MEMBERS = ("03", "11", "27", "44", "84", "93")
CRAFTED = "93"
"""The member that `said_by_a_member.py` stands for; the others are the reference's."""

CALLER, CALLER_IN_500 = "27", "44"
"""Who calls; the second expects functional errors in HTTP 500."""

WITHOUT_RIGHT = "84"
"""The callers may not ask this member for a notification."""


class Relay:
    """Bytes handed on as they come between callers and one port; `accepted` is the connections opened so far."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._threads: list[threading.Thread] = []
        self.accepted = 0

    def start(self, port: int) -> None:
        self._run(self._accept, port)

    def stop(self) -> None:
        """Take no more; what is open ends with its caller."""
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits for a caller
        self._listening.close()
        for thread in self._threads:
            thread.join()

    def _run(self, work: Callable[..., None], *args: Any) -> threading.Thread:
        thread = threading.Thread(target=work, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()
        return thread

    def _accept(self, port: int) -> None:
        while True:
            try:
                caller, _ = self._listening.accept()
            except OSError:
                return
            self.accepted += 1
            self._run(self._join, caller, port)

    def _join(self, caller: socket.socket, port: int) -> None:
        with caller, socket.create_connection(("127.0.0.1", port)) as gateway:
            back = self._run(_pour, gateway, caller)
            _pour(caller, gateway)
            back.join()


def _pour(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while received := source.recv(65536):
            sink.sendall(received)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


@dataclass(frozen=True, slots=True)
class Served:
    """The running federation as a caller sees it."""

    directory: Path
    relay: Relay
    archives: str

    @property
    def url(self) -> str:
        return f"https://localhost:{self.relay.port}"

    def identity(self, caller: str) -> tuple[str, str, str]:
        """The authority to trust, the caller's certificate and its key: three files."""
        pki = self.directory / "pki"
        return str(pki / "ca.pem"), *(str(pki / f"member-{caller}-client.{kind}") for kind in ("pem", "key"))


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    directory = tmp_path_factory.mktemp("served")
    with ExitStack() as stack:
        _child(stack, ["-m", "conformance.reference", "--dir", str(directory)])
        crafted = _child(stack, [str(HERE / "said_by_a_member.py"), str(directory / "pki"), CRAFTED])
        _narrow(directory / "federation.json", crafted=f"https://localhost:{crafted}")
        relay = Relay()
        stack.callback(relay.stop)
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        public = f"https://localhost:{relay.port}"
        archives = _child(stack, [str(HERE / "served_gateway.py"), str(directory), str(port), public])
        relay.start(port)
        yield Served(directory, relay, archives)


def _child(stack: ExitStack, arguments: list[str]) -> str:
    """What a process of ours says when it is ready, one line; it ends with its standard input."""
    process = stack.enter_context(
        subprocess.Popen([sys.executable, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    )
    assert process.stdin is not None
    assert process.stdout is not None
    stack.callback(process.stdin.close)
    said = process.stdout.readline()
    assert said, f"{arguments} did not start"
    return said.strip()


def _narrow(document: Path, *, crafted: str) -> None:
    """A federation of a few members, in which one right lacks, one status differs and one member is ours."""
    federation = json.loads(document.read_bytes())
    federation["members"] = [member for member in federation["members"] if member["code"] in MEMBERS]
    members = {member["code"]: member for member in federation["members"]}
    members[CALLER_IN_500]["contract_error_status"] = 500
    members[CRAFTED]["endpoints"][0]["url"] = crafted
    for caller in (CALLER, CALLER_IN_500):
        for right in members[caller]["rights"]:
            if right["operation"] == "notification":
                right["providers"] = [code for code in MEMBERS if code != WITHOUT_RIGHT]
    document.write_text(json.dumps(federation), encoding="utf-8")


class Stack:
    """A client stack in a process of its own: what it makes of an answer, as it would hand it to a solution."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def ask(self, operation: str, address: str, value: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        call = {"operation": operation, "address": address, "value": value}
        self._process.stdin.write(json.dumps(call) + "\n")
        self._process.stdin.flush()
        said = self._process.stdout.readline()
        assert said, f"the stack ended at {call}"
        outcome: dict[str, Any] = json.loads(said)
        return outcome


COMMANDS = {
    "zeep": (sys.executable, str(CLIENTS / "client_zeep.py")),
    "php": ("php", str(CLIENTS / "client.php")),
    "node": ("node", str(CLIENTS / "client.js")),
    "curl": (sys.executable, str(CLIENTS / "client_curl.py")),
}


def _absent(name: str) -> str | None:
    """Why that stack cannot be used on this machine; None when it can."""
    match name:
        case "php":
            listed = subprocess.run(["php", "-m"], capture_output=True, text=True, check=False) if _held(name) else None
            present, wanted = listed is not None and "soap" in listed.stdout.split(), "php with its soap extension"
        case "node":
            present = _held(name) and (CLIENTS / "node_modules" / "soap").is_dir()
            wanted = "node with its packages (npm ci --prefix tests/stacks/clients)"
        case "curl":
            present, wanted = _held(name), "curl"
        case "gsoap":
            present, wanted = _held("wsdl2h") and _held("soapcpp2"), "gSOAP (wsdl2h, soapcpp2)"
        case _:
            return None
    return None if present else f"{wanted} is not installed"


def _present(name: str) -> None:
    """Skip the test when the stack is absent; where the stacks are promised, it fails instead."""
    reason = _absent(name)
    if reason is not None:
        (pytest.fail if os.environ.get("ROR_STACKS") == "required" else pytest.skip)(reason)


def _held(program: str) -> bool:
    return shutil.which(program) is not None


@pytest.fixture(scope="session")
def stack_of(served: Served) -> Iterator[Callable[[str, str], Stack]]:
    """The stack of that name, called by that member: started once, its connections kept."""
    with ExitStack() as processes:

        @cache
        def started(name: str, caller: str) -> Stack:
            _present(name)
            command = [*COMMANDS[name], served.url, *served.identity(caller)]
            process = processes.enter_context(
                subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8")
            )
            assert process.stdin is not None
            processes.callback(process.stdin.close)
            return Stack(process)

        yield started


@pytest.fixture(scope="session")
def curl(served: Served) -> Callable[..., subprocess.CompletedProcess[bytes]]:
    """curl itself, over mutual TLS, toward an address of the door."""

    def ran(address: str, *options: str, body: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        _present("curl")
        ca, certificate, key = served.identity(CALLER)
        command = ["curl", "--silent", "--show-error", "--cacert", ca, "--cert", certificate, "--key", key, *options]
        return subprocess.run([*command, f"{served.url}/ROR/{address}"], input=body, capture_output=True, check=True)

    return ran


@pytest.fixture
def gsoap() -> Callable[[Path], None]:
    """The generators of gSOAP, run one after the other in a folder that holds `service.wsdl`."""
    _present("gsoap")

    def generated(folder: Path) -> None:
        for command in (["wsdl2h", "-c", "-o", "ror.h", "service.wsdl"], ["soapcpp2", "-2", "-c", "-C", "-x", "ror.h"]):
            ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
            assert ran.returncode == 0, ran.stderr

    return generated


@pytest.fixture(params=list(COMMANDS))
def stack(request: pytest.FixtureRequest, stack_of: Callable[[str, str], Stack]) -> Stack:
    """Each stack in turn, called by the first caller."""
    return stack_of(request.param, CALLER)


@pytest.fixture(params=list(COMMANDS))
def stack_in_500(request: pytest.FixtureRequest, stack_of: Callable[[str, str], Stack]) -> tuple[str, Stack]:
    """Each stack in turn, called by the member that expects functional errors in HTTP 500, with its name."""
    return request.param, stack_of(request.param, CALLER_IN_500)
