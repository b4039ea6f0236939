"""What tests of the routes share."""

from types import SimpleNamespace
from urllib.parse import unquote

import pytest


@pytest.fixture(scope="session")
def asked(answer):
    """What an app answers: `asked(app, "/lab/x?y=1", Accept="text/html")`."""

    def ask(app, url, body=b"", method="GET", **headers):
        path, _, query = url.partition("?")
        scope = {
            "type": "http", "method": method, "path": unquote(path), "raw_path": path.encode(),
            "query_string": query.encode(), "root_path": "", "http_version": "1.1",
            "headers": [(name.lower().encode(), text.encode()) for name, text in headers.items()],
        }  # fmt: skip
        sent = []

        async def receive():
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message):
            sent.append(message)

        answer(app(scope, receive, send))
        return SimpleNamespace(
            status=sent[0]["status"],
            headers={name.decode(): text.decode() for name, text in sent[0]["headers"]},
            content=b"".join(message.get("body", b"") for message in sent[1:]),
        )

    return ask
