"""
Errors of the way in.

    attestation.errors.Error
    └─ ApiError
       ├─ ConfigurationError       a setting is missing, wrong or contradicts its place
       ├─ NotFound                 there is no such thing, or it is not for the caller to know
       ├─ MethodNotAllowed         there is no such operation at the address
       ├─ Unauthenticated          no access token, or one that is not valid
       ├─ Forbidden                the token does not reach this
       ├─ BadRequest               the request cannot be read
       ├─ CursorRefused            a page is asked for with a place that was not given out
       ├─ KeyMissing               a request that is to be carried out once has no key
       ├─ KeyReused                another request came under the same key
       ├─ RequestUnderWay          the same request is being carried out
       ├─ AnswerLost               it was carried out, and nothing is known of the answer
       ├─ PreconditionRequired     a change does not say which state it is meant for
       ├─ PreconditionFailed       the state is another by now
       ├─ PaperBroken              a sealed working paper does not open as it was sealed
       ├─ TooSlow                  the body did not come within its time
       ├─ TooManyRequests          the caller, or the key, asks more often than it may
       ├─ Busy                     as much of this is under way as may be at once
       └─ PartMissing              a program or service this command needs is not there
"""

from __future__ import annotations

from attestation.errors import Error, Retry


class ApiError(Error):
    """An error of the way in."""

    code = "api.error"


class ConfigurationError(ApiError):
    """A setting is missing, wrong, or contradicts the place it is used in."""

    code = "configuration.invalid"
    retry = Retry.FATAL


class NotFound(ApiError):
    """There is no such thing, or it is not for the caller to know of it."""

    code = "api.not_found"


class MethodNotAllowed(ApiError):
    """There is no such operation at this address."""

    code = "api.method_not_allowed"


class Unauthenticated(ApiError):
    """No access token was given, or one that is not valid."""

    code = "api.unauthenticated"


class Forbidden(ApiError):
    """The access token does not reach this."""

    code = "api.forbidden"


class BadRequest(ApiError):
    """The request cannot be read."""

    code = "api.bad_request"


class CursorRefused(ApiError):
    """A page is asked for with a cursor that was not given out for this list."""

    code = "api.cursor"


class KeyMissing(ApiError):
    """A request that is to be carried out once does not have an `Idempotency-Key`."""

    code = "api.idempotency_key_missing"


class KeyReused(ApiError):
    """Another request came under the same `Idempotency-Key`."""

    code = "api.idempotency_key_reused"


class RequestUnderWay(ApiError):
    """The same request is being carried out."""

    code = "api.request_under_way"
    retry = Retry.LATER


class AnswerLost(ApiError):
    """The request was carried out, and nothing is known of the answer."""

    code = "api.answer_lost"


class PreconditionRequired(ApiError):
    """A change does not say which state it is meant for."""

    code = "api.precondition_required"


class PreconditionFailed(ApiError):
    """The state is another than the one that the change is meant for."""

    code = "api.precondition_failed"


class PaperBroken(ApiError):
    """A sealed working paper is sealed to another key, or was changed."""

    code = "api.paper_broken"


class TooSlow(ApiError):
    """The body of the request did not come within its time."""

    code = "api.too_slow"
    retry = Retry.LATER


class TooManyRequests(ApiError):
    """The caller, or the key of the message, asks more often than it may."""

    code = "api.too_many_requests"
    retry = Retry.LATER


class Busy(ApiError):
    """As much of this work is under way as may be at once."""

    code = "api.busy"
    retry = Retry.LATER


class PartMissing(ApiError):
    """A program or a service that this command needs is not there."""

    code = "api.part_missing"
    retry = Retry.LATER
