"""A small FTP server (RFC 959, RFC 3659) in a thread: reading only, by PASV, with one password."""

import socketserver
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from socket import create_server, socket

PASSWORD = "geheim"


class FtpServer(socketserver.ThreadingTCPServer):
    """The files of one folder."""

    daemon_threads = True
    files: Mapping[str, bytes] = {}


class Session(socketserver.StreamRequestHandler):
    """One client."""

    server: FtpServer
    passive: socket

    def handle(self) -> None:
        self.say("220 ready")
        for line in self.rfile:
            verb, _, argument = line.decode().strip().partition(" ")
            answer = getattr(self, f"on_{verb.lower()}", None)
            if answer is None:
                self.say("200 as you say")
            else:
                answer(argument)

    def on_user(self, name: str) -> None:
        self.say("331 password")

    def on_pass(self, password: str) -> None:
        self.say("230 in" if password == PASSWORD else "530 wrong password")

    def on_pasv(self, _: str) -> None:
        self.passive = create_server(("127.0.0.1", 0))
        high, low = divmod(self.passive.getsockname()[1], 256)
        self.say(f"227 here (127,0,0,1,{high},{low})")

    def on_mlsd(self, folder: str) -> None:
        files = enumerate(self.server.files.items())
        lines = [f"type=file;size={len(body)};modify=2026112{n}010000; {name}" for n, (name, body) in files]
        self.send("\r\n".join(["type=dir; old", *lines, ""]).encode())

    def on_retr(self, path: str) -> None:
        self.send(self.server.files[path.removeprefix("/out/")])

    def send(self, content: bytes) -> None:
        self.say("150 coming")
        with self.passive, self.passive.accept()[0] as data:
            data.sendall(content)
        self.say("226 done")

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@contextmanager
def ftp_server(files: Mapping[str, bytes]) -> Iterator[str]:
    """Serves the files; gives the folder's address."""
    with FtpServer(("127.0.0.1", 0), Session) as server:
        server.files = files
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"ftp://127.0.0.1:{server.server_address[1]}/out"
        finally:
            server.shutdown()
            thread.join()
