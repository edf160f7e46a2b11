"""Errors as RFC 9457 problem details: readable by people and programs, and never a traceback."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from bot.channels.turns import TurnUnanswered
from crm_store.errors import SalesError, ShopNotSetUp

ONE_MOMENT = "One moment please: your message is safe, but I could not answer it yet. Please try again."


class Problem(BaseModel):
    """What went wrong (RFC 9457)."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "type": "about:blank",
                "title": "Service Unavailable",
                "status": 503,
                "detail": ONE_MOMENT,
            }
        }
    )

    type: str = "about:blank"
    title: str = Field(description="The name of the status")
    status: int
    detail: str = Field(description="A sentence that a person may read")
    errors: list[dict[str, str]] | None = Field(
        None, description="The `field` of the request that is wrong, and the `reason`"
    )


class ProblemResponse(JSONResponse):
    media_type = "application/problem+json"


def problem(status: int, detail: str, *, headers: Mapping[str, str] | None = None, **extra: Any) -> ProblemResponse:
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    return ProblemResponse(
        body | extra, status_code=status, headers={"X-Content-Type-Options": "nosniff"} | dict(headers or {})
    )


def described(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a call for /openapi.json."""
    content = {"application/problem+json": {"schema": Problem.model_json_schema()}}
    return {status: {"description": HTTPStatus(status).phrase, "content": content} for status in statuses}


def install(app: FastAPI) -> None:
    """Answer every error of the app as a problem."""
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _wrong_request)
    app.add_exception_handler(TurnUnanswered, _unanswered)
    app.add_exception_handler(SalesError, _sales_error)
    app.add_exception_handler(Exception, _our_mistake)


async def _http_error(request: Request, error: HTTPException) -> ProblemResponse:
    sentences = {
        404: f"There is nothing at {request.url.path}.",
        405: f"{request.method} is not possible here.",
    }
    phrase = HTTPStatus(error.status_code).phrase
    detail = sentences.get(error.status_code, phrase) if error.detail == phrase else str(error.detail)
    return problem(error.status_code, detail, headers=error.headers)


async def _wrong_request(request: Request, error: RequestValidationError) -> ProblemResponse:
    # What was sent is left out of the answer: it may be long, private or not even text.
    wrong = [{"field": ".".join(map(str, found["loc"])), "reason": str(found["msg"])} for found in error.errors()[:20]]
    first = f"{wrong[0]['field']}: {wrong[0]['reason']}" if wrong else "The request cannot be read."
    return problem(422, first, errors=wrong)


async def _unanswered(request: Request, error: TurnUnanswered) -> ProblemResponse:
    return problem(503, ONE_MOMENT, headers={"Retry-After": "5"})


async def _sales_error(request: Request, error: SalesError) -> ProblemResponse:
    return problem(503 if isinstance(error, ShopNotSetUp) else 409, str(error), code=error.code)


async def _our_mistake(request: Request, error: Exception) -> ProblemResponse:
    # Starlette raises the error again after this answer, and the server logs it with its traceback.
    return problem(500, "Something went wrong on our side. Please try again.")
