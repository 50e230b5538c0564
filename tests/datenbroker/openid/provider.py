"""The npm package `oidc-provider` as a process of its own."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.clients.installed import clients

HERE = Path(__file__).parent
SECRET = "a secret of the tests only, of 32 bytes and more"


@dataclass
class OpenIdProvider:
    """A running provider."""

    issuer: str
    process: subprocess.Popen[str]

    def token(self, client: str = "sensors", resource: str = "urn:datenbroker") -> str:
        """A service's access token, by client credentials."""
        form = {"grant_type": "client_credentials", "resource": resource}
        answer = httpx.post(f"{self.issuer}/token", data=form, auth=(client, SECRET))
        answer.raise_for_status()
        token: str = answer.json()["access_token"]
        return token

    def rotate(self) -> None:
        """New tokens get a new key; the old one is served on."""
        httpx.get(f"{self.issuer}/test/rotate").raise_for_status()

    def withdraw(self) -> None:
        """Only a new key is served from then on."""
        httpx.get(f"{self.issuer}/test/withdraw").raise_for_status()

    def stop(self) -> None:
        self.process.terminate()
        self.process.communicate(timeout=10)


@contextmanager
def openid_provider(callback: str = "http://127.0.0.1:9/callback") -> Iterator[OpenIdProvider]:
    folder = clients(HERE)
    script = folder / "provider.mjs"
    # beside node_modules, where node looks for modules
    script.write_text((HERE / "provider.mjs").read_text(encoding="utf-8"), encoding="utf-8")
    command = ["node", str(script), callback, SECRET]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    provider = OpenIdProvider(json.loads(process.stdout.readline())["issuer"], process)
    try:
        yield provider
    finally:
        provider.stop()
