"""
Signing a request, and judging who has signed it.

Nobody's key is anywhere but with its holder: a signer is handed in for the moment of signing.

Source: FORMATS section 10; EIP-712.
"""

from __future__ import annotations

from collections.abc import Iterator

from api.office.errors import RequestEdited, SignaturesMissing, SignedAlready, WrongSigner
from api.office.parts import RecordPart
from api.office.place import check_place
from api.office.request import SignerEntry, SigningRequest
from attestation.eip712 import recover_address
from attestation.errors import SignatureError
from attestation.instants import Instant
from attestation.records import attach_signature
from attestation.trust_root import TrustRoot
from chain.addresses import format_address
from chain.keys import Signer


def check_request(request: SigningRequest, root: TrustRoot, *, now: Instant) -> None:
    """
    Check a request as far as it goes: its place, its parts, and the signatures it has.

    Raises:
        WrongPlace: If it is for another chain, contract or log than the trust root's.
        RequestExpired: If its deadline has passed.
        RequestEdited: If it was changed after it was signed, or contradicts itself.
    """
    check_place(request, root, now=now)
    verify_signatures(request)


def sign_request(
    request: SigningRequest, signer: Signer, root: TrustRoot, *, now: Instant
) -> SigningRequest:
    """
    Add a signer's signatures: over the request, and over each part that names the signer.

    Args:
        request: From outside.
        signer: The person's key.
        root: Trusted.
        now: The time that counts.

    Raises:
        WrongSigner: If the request does not name this key.
        SignedAlready: If this key has signed it.
        SigningError: As `check_request`.
    """
    check_request(request, root, now=now)
    if request.role_of(signer.address) is None:
        named = ", ".join(f"{role} {format_address(at)}" for role, at in request.signers.items())
        raise WrongSigner(f"{format_address(signer.address)} is not asked to sign, but {named}")
    if any(each.address == signer.address for each in request.signatures):
        raise SignedAlready(f"{format_address(signer.address)} has signed this request")
    entry = SignerEntry(
        signer.address,
        signer.sign_digest(request.digest(signer.address)),
        {number: signer.sign_digest(digest) for number, digest in request.parts_of(signer.address)},
    )
    return request.with_signature(entry)


def verify_signatures(request: SigningRequest) -> None:
    """
    Check every signature a request has.

    Raises:
        RequestEdited: If one is not over the present content, or somebody stands there twice.
    """
    addresses = [each.address for each in request.signatures]
    if len(set(addresses)) != len(addresses):
        raise RequestEdited("somebody stands twice among the signatures")
    for entry in request.signatures:
        _verify(entry, request)


def missing_roles(request: SigningRequest) -> Iterator[str]:
    """Give the roles that have not signed, in the request's order."""
    signed = {each.address for each in request.signatures}
    return (role for role, address in request.signers.items() if address not in signed)


def require_complete(request: SigningRequest) -> None:
    """
    Check that everybody has signed who must.

    Raises:
        SignaturesMissing: If not.
        RequestEdited: If a signature does not hold.
    """
    missing = list(missing_roles(request))
    if missing:
        raise SignaturesMissing(f"not signed by: {', '.join(missing)}")
    verify_signatures(request)


def signed_record(request: SigningRequest, number: int) -> bytes:
    """
    Give the bytes of the record that is part `number`, with its signature.

    Raises:
        SignatureError: If the signature does not hold.
        EncodingError: If it is too long for an entry.
    """
    part = request.parts[number - 1]
    if not isinstance(part, RecordPart):
        raise TypeError(f"part {number} is no record")
    (signer,) = part.signers
    return attach_signature(part.draft, request.signature(number, signer)).encoded


def _verify(entry: SignerEntry, request: SigningRequest) -> None:
    digests = dict(request.parts_of(entry.address))
    if digests.keys() != entry.parts.keys():
        raise RequestEdited(f"{format_address(entry.address)} signed other parts than are there")
    pairs = [(request.digest(entry.address), entry.request)]
    pairs += [(digest, entry.parts[number]) for number, digest in digests.items()]
    for digest, signature in pairs:
        if not _is_by(entry.address, digest, signature):
            raise RequestEdited(
                f"the signature of {format_address(entry.address)} is not over this content:"
                " the file was changed after it was signed"
            )


def _is_by(address: bytes, digest: bytes, signature: bytes) -> bool:
    try:
        return recover_address(digest, signature) == "0x" + address.hex()
    except SignatureError:
        return False
