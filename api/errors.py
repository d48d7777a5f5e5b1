"""
Errors of the way in.

    attestation.errors.Error
    └─ ApiError
       ├─ ConfigurationError       a setting is missing, wrong or contradicts its place
       ├─ NotFound                 there is no such thing, or it is not for the caller to know
       ├─ Unauthenticated          no access token, or one that is not valid
       ├─ Forbidden                the token does not reach this
       ├─ BadRequest               the request cannot be read
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


class Unauthenticated(ApiError):
    """No access token was given, or one that is not valid."""

    code = "api.unauthenticated"


class Forbidden(ApiError):
    """The access token does not reach this."""

    code = "api.forbidden"


class BadRequest(ApiError):
    """The request cannot be read."""

    code = "api.bad_request"


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
