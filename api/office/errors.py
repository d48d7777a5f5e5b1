"""
Errors of requests that persons sign.

    attestation.errors.Error
    └─ SigningError               a request cannot be signed, or handed in, as it is
       ├─ RequestEdited           it was changed after somebody had signed it
       ├─ RequestExpired          its deadline has passed
       ├─ WrongPlace              it is for another chain, contract or log than the trust root's
       ├─ WrongSigner             the key is none of those that the request names
       ├─ SignedAlready           this key has signed it
       ├─ SignaturesMissing       somebody who must sign has not
       ├─ OnePerson               two persons are demanded, and one acts twice
       ├─ NotInForce              a key does not act for the enterprise now, or not in this role
       ├─ NotInThisState          the inventory is in a state on which the act has no effect
       ├─ Contradicted            what the act would say is not what is at hand, or on the chain
       ├─ ActFailed               the server says that an act handed in to it failed
       ├─ Overtaken               the log was anchored beyond the index that an act names
       └─ NotFinal                (later) it is under way: run the same command again

A file that is no request is an EncodingError with the code `encoding.signing_request`.
"""

from __future__ import annotations

from attestation.errors import Error, Retry


class SigningError(Error):
    """A request cannot be signed, or handed in, as it is."""

    code = "signing.refused"


class RequestEdited(SigningError):
    """The request was changed after somebody had signed it, or its parts contradict each other."""

    code = "signing.edited"


class RequestExpired(SigningError):
    """The deadline of the request has passed."""

    code = "signing.expired"


class WrongPlace(SigningError):
    """The request is for another chain, contract or log than the trust root names."""

    code = "signing.wrong_place"


class WrongSigner(SigningError):
    """The key is none of those that the request names."""

    code = "signing.wrong_signer"


class SignedAlready(SigningError):
    """This key has signed the request before."""

    code = "signing.signed_already"


class SignaturesMissing(SigningError):
    """Somebody who must sign has not."""

    code = "signing.incomplete"


class OnePerson(SigningError):
    """Two persons are demanded, and one acts twice."""

    code = "signing.one_person"


class NotInForce(SigningError):
    """A key does not act for the enterprise now, or not in this role."""

    code = "signing.not_in_force"


class NotInThisState(SigningError):
    """The inventory is in a state on which the act has no effect."""

    code = "signing.state"


class OperatorDiffers(SigningError):
    """Another account operates the log, or was named to, than the act or the command needs."""

    code = "signing.operator"


class Contradicted(SigningError):
    """What the act would say is not what is at hand, or not what stands on the chain."""

    code = "signing.contradicted"


class ActFailed(SigningError):
    """The server says that an act handed in to it failed, and why."""

    code = "signing.act_failed"


class Overtaken(SigningError):
    """The log was anchored beyond the index that an act names, before the act was on the chain."""

    code = "signing.overtaken"


class NotFinal(SigningError):
    """What was handed in is under way and not final yet."""

    code = "signing.not_final"
    retry = Retry.LATER
