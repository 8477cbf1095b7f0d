"""How the doors that people act through answer: in JSON that no cache keeps."""

from flask import Response
from msgspec import json


def answer(told: object, status: int = 200) -> Response:
    """Return what is told."""
    return Response(json.encode(told), status, mimetype="application/json", headers={"Cache-Control": "no-store"})


def no(status: int, code: str, **more: object) -> Response:
    """Return a refusal: its code, and what more there is to say about it."""
    return answer({"error": {"code": code, **more}}, status)
