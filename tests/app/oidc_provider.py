"""A small OpenID Connect provider that signs in whoever it is told to, for tests of the real sign-in."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlparse

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT = "encours"
SECRETS = """
[auth]
redirect_uri = "{app}/oauth2callback"
cookie_secret = "a secret of this test alone, as long as it takes"
client_id = "encours"
client_secret = "of the test"
server_metadata_url = "{provider}/.well-known/openid-configuration"
"""


class Provider:
    """A provider at ``url``; ``email`` is who signs in next."""

    def __init__(self) -> None:
        self.email = ""
        self.claims: dict[str, Any] = {}
        self._key = RSAKey.generate_key(2048, {"kid": "test", "use": "sig", "alg": "RS256"})
        self._nonces: dict[str, str] = {}
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path, asked = urlparse(self.path).path, parse_qs(urlparse(self.path).query)
                if path == "/authorize":
                    self.send_response(302)
                    self.send_header("Location", provider.authorised(asked))
                    self.end_headers()
                    return
                self._answer(provider.metadata() if "well-known" in path else provider.keys())

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                self._answer(provider.token(parse_qs(body)["code"][0]))

            def _answer(self, content: dict[str, Any]) -> None:
                body = json.dumps(content).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def metadata(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    def keys(self) -> dict[str, Any]:
        return {"keys": [self._key.as_dict(private=False)]}

    def authorised(self, asked: dict[str, list[str]]) -> str:
        code = f"code-{len(self._nonces)}"
        self._nonces[code] = asked.get("nonce", [""])[0]
        return f"{asked['redirect_uri'][0]}?{urlencode({'code': code, 'state': asked['state'][0]})}"

    def token(self, code: str) -> dict[str, Any]:
        now = int(time.time())
        told = {
            "iss": self.url,
            "aud": CLIENT,
            "sub": self.email,
            "email": self.email,
            "iat": now,
            "exp": now + 600,
            "nonce": self._nonces[code],
            **self.claims,
        }
        signed = jwt.encode({"alg": "RS256", "kid": "test"}, told, self._key)
        return {"access_token": "none", "token_type": "Bearer", "expires_in": 600, "id_token": signed}


@contextmanager
def provider() -> Iterator[Provider]:
    """A provider that answers until the end."""
    made = Provider()
    thread = threading.Thread(target=made.server.serve_forever, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        made.server.shutdown()
        made.server.server_close()
