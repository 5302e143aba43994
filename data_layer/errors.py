"""The error tree of the data layer.

DataLayerError
├── KalshiError                    something the exchange's API did (path, status, body excerpt, retryable)
│   ├── KalshiConnectionError      no answer: refused, reset, timed out, past the deadline
│   ├── KalshiCircuitOpenError     not asked: the circuit breaker is open after repeated failures
│   ├── KalshiRateLimitError       429 after the last attempt
│   ├── KalshiServerError          5xx after the last attempt
│   ├── KalshiNotFoundError        404
│   ├── KalshiAuthError            401 or 403
│   ├── KalshiRequestError         any other 4xx: our question was wrong
│   ├── KalshiRedirectError        3xx: never followed
│   └── KalshiPayloadError         an answer that is not what it should be (size, encoding, JSON, shape)
│       └── SchemaDriftError       the shape of a whole response changed: a named condition, shown on the screen
├── PaginationError                a walk over pages broke its own rules (cursor repeats, no end, …)
├── StoreError                     the lake could not be read or written
│   ├── WriterLockedError          another process is the writer
│   ├── CorruptFileError           bytes on disk are not those that were written
│   └── NewerLakeError             the lake was written by a newer version of this program
├── NoDataError                    the question is fine, nothing is stored to answer it
└── QueryError                     a query failed
    └── QueryTimeoutError          a query ran into its time limit
"""

from __future__ import annotations


class DataLayerError(Exception):
    """Base of every error the data layer raises on purpose."""


class KalshiError(DataLayerError):
    """Base of what the exchange's API did: carries path, status, an excerpt of the body, and retryability.

    `code` and `details` are the exchange's own words, where its error body had them (untrusted text);
    `retry_after_seconds` is its Retry-After, where it sent one.
    """

    retryable = False

    def __init__(
        self,
        message: str,
        *,
        path: str = "",
        status: int | None = None,
        body_excerpt: str = "",
        code: str = "",
        details: str = "",
        retry_after_seconds: float | None = None,
    ) -> None:
        super().__init__(message)
        self.path = path
        self.status = status
        self.body_excerpt = body_excerpt[:300]
        self.code = code
        self.details = details
        self.retry_after_seconds = retry_after_seconds


class KalshiConnectionError(KalshiError):
    """No answer arrived: refused, reset, timed out, or past the deadline."""

    retryable = True


class KalshiCircuitOpenError(KalshiConnectionError):
    """The request was not sent: the circuit breaker is open after repeated failures."""

    retryable = False


class KalshiRateLimitError(KalshiError):
    """The exchange answered 429 on the last attempt."""

    retryable = True


class KalshiServerError(KalshiError):
    """The exchange answered 5xx on the last attempt."""

    retryable = True


class KalshiNotFoundError(KalshiError):
    """The exchange does not know the thing asked for (on this tier)."""


class KalshiAuthError(KalshiError):
    """The exchange refused our identity (401 or 403)."""


class KalshiRequestError(KalshiError):
    """The exchange refused the question itself (4xx)."""


class KalshiRedirectError(KalshiError):
    """The exchange answered with a redirect; redirects are never followed."""


class KalshiPayloadError(KalshiError):
    """The answer is not what it should be: too large, not UTF-8, not JSON, not the documented shape."""


class SchemaDriftError(KalshiPayloadError):
    """A whole response changed its shape; `condition` names how, e.g. ``cents_instead_of_dollars``."""

    def __init__(self, condition: str, message: str, **where: object) -> None:
        super().__init__(message, **where)  # type: ignore[arg-type]
        self.condition = condition


class PaginationError(DataLayerError):
    """A walk over pages broke its own rules; nothing of it may be published."""


class StoreError(DataLayerError):
    """The lake could not be read or written."""


class WriterLockedError(StoreError):
    """Another process holds the writer's lock."""


class CorruptFileError(StoreError):
    """Bytes on disk are not those that were written; the file is quarantined.

    Carries the table, the path relative to the lake's root, and the partition whose rows must be fetched again.
    """

    def __init__(
        self, message: str, *, table: str = "", path: str = "", partition: dict[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.table = table
        self.path = path
        self.partition = partition or {}


class NewerLakeError(StoreError):
    """The lake was written by a newer version of this program."""


class NoDataError(DataLayerError):
    """The question is fine, but nothing is stored that answers it."""


class QueryError(DataLayerError):
    """A query failed."""


class QueryTimeoutError(QueryError):
    """A query ran into its time limit and was interrupted."""
