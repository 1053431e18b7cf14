"""A file server over HTTPS that goes on where a client left off: ``python -m tests.bench.files FOLDER PORT``."""

import socket
import subprocess
import sys
import time
from pathlib import Path

from flask import Flask, Response, send_from_directory
from werkzeug.serving import run_simple

from provisioning.practice.processes import Processes
from provisioning.practice.stage import free_ports


def certify(folder: Path) -> None:
    """Write ``cert.pem`` and ``key.pem`` for a server of a bench."""
    command = (
        "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
        "-keyout", "key.pem", "-out", "cert.pem", "-days", "2", "-subj", "/CN=localhost",
    )  # fmt: skip
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


def start(folder: Path, processes: Processes) -> int:
    """Serve a folder that has been certified; returns the port."""
    (port,) = free_ports((0,))
    processes.start((sys.executable, "-m", "tests.bench.files", str(folder), str(port)), folder / "server.log")
    wait_for(port)
    return port


def wait_for(port: int) -> None:
    """Wait until somebody listens."""
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
        except ConnectionRefusedError:
            time.sleep(0.05)
        else:
            return


def serve(folder: Path, port: int) -> None:
    """Serve until the process is ended."""
    app = Flask("files")

    @app.get("/<name>")
    def file(name: str) -> Response:
        return send_from_directory(folder, name, conditional=True)

    run_simple("127.0.0.1", port, app, threaded=True, ssl_context=(str(folder / "cert.pem"), str(folder / "key.pem")))


if __name__ == "__main__":
    serve(Path(sys.argv[1]), int(sys.argv[2]))
