"""Signing requests in JavaScript: the same bytes, words and refusals as the command's."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any, cast

import pytest

from api.office.act_words import FIELDS, fields_in_words, title_of
from api.office.request import SigningRequest, format_request, parse_request
from api.office.signing import require_complete
from attestation.eip712 import SECP256K1_ORDER
from attestation.ids import keccak256
from chain.acts import Enrolment
from chain.addresses import format_address
from chain.keys import AccountSigner
from chain.signed_acts import SIGNED_ACTS
from chain.typed_data import ActDomain, act_digest, wallet_request
from tests.support.act_requests import (
    APPROVER,
    CHAIN_ID,
    INITIATOR,
    REGISTRY,
    SUBMISSION,
    Change,
    changed,
    every_act,
    request_of,
    signed_by,
)
from tests.support.browser_modules import Modules

DOMAIN = ActDomain(CHAIN_ID, REGISTRY)
READ = """
import { missingRoles, questionsFor, readRequest, fileText } from "./requests.js";
import { utf8, toHex } from "./bytes.js";
const read = (file) => {
  const request = readRequest(utf8(file));
  const people = Object.values(request.signers);
  const questions = people.map((address) => questionsFor(request, address));
  return {
    missing: missingRoles(request),
    digests: questions.map((each) => each.map(({ digest }) => toHex(digest))),
    text: fileText(request.document),
  };
};
answer = given.map((file) => {
  try {
    return read(file);
  } catch (fault) {
    return { refused: fault.code ?? String(fault) };
  }
});
"""


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Modules:
    """The modules as a browser gets them."""
    return Modules(tmp_path_factory.mktemp("modules") / "assets")


def read(modules: Modules, file: SigningRequest | str) -> Any:
    text = file if isinstance(file, str) else format_request(file).decode()
    (found,) = modules.run(READ, [text])
    return found


def test_hashes(modules: Modules) -> None:
    """SHA-256 and Keccak-256 of every length around their blocks are those of the libraries."""
    contents = [bytes(range(size % 256)) + b"x" * size for size in range(0, 280, 3)]
    found = modules.run(
        """
import { sha256 } from "./sha256.js";
import { keccak256 } from "./keccak.js";
import { fromHex, toHex } from "./bytes.js";
answer = given.map((text) => [toHex(sha256(fromHex(text))), toHex(keccak256(fromHex(text)))]);
""",
        [f"0x{each.hex()}" for each in contents],
    )

    assert found == [
        [f"0x{hashlib.sha256(each).hexdigest()}", f"0x{keccak256(each).hex()}"] for each in contents
    ]


def test_signers_are_recovered(modules: Modules) -> None:
    """The signer of a digest is found; the same signature with its s mirrored has none."""
    signers = [AccountSigner(hashlib.sha256(bytes([each])).digest()) for each in range(8)]
    cases = []
    for number, signer in enumerate(signers):
        digest = hashlib.sha256(bytes([number, 1])).digest()
        signature = signer.sign_digest(digest)
        s = SECP256K1_ORDER - int.from_bytes(signature[32:64], "big")
        mirrored = signature[:32] + s.to_bytes(32, "big") + bytes([55 - signature[64]])
        cases.append([f"0x{each.hex()}" for each in (digest, signature, mirrored)])
    found = modules.run(
        """
import { recoverAddress } from "./secp256k1.js";
import { fromHex } from "./bytes.js";
const signerOf = (digest, signature) => {
  try {
    return recoverAddress(fromHex(digest), fromHex(signature));
  } catch (fault) {
    return fault.code;
  }
};
answer = given.map(([digest, ...signatures]) => signatures.map((each) => signerOf(digest, each)));
""",
        cases,
    )

    assert found == [[format_address(each.address), "signature_form"] for each in signers]


def test_typed_data_of_every_act(modules: Modules) -> None:
    """Of each kind of act the page knows type, contract and signers, and hashes it alike."""
    acts = every_act()
    found = modules.run(
        """
import { ACTS } from "./acts.js";
import { digestOf } from "./typed_data.js";
import { toHex } from "./bytes.js";
answer = given.map((each) => {
  const own = { EIP712Domain: each.types.EIP712Domain, ...ACTS[each.primaryType].types };
  const kind = ACTS[each.primaryType];
  const digest = toHex(digestOf({ ...each, types: own }));
  return [digest, kind.contract, kind.roles.map(([role]) => role)];
});
""",
        [wallet_request(each, DOMAIN) for each in acts],
    )

    assert len(acts) == len(SIGNED_ACTS)
    assert found == [
        [f"0x{act_digest(each, DOMAIN).hex()}", kind.contract, list(kind.roles)]
        for each, kind in zip(acts, SIGNED_ACTS.values(), strict=True)
    ]


def test_words_are_the_commands(modules: Modules) -> None:
    """Page and command say the same of every field of every act the browser signs."""
    acts = [each for each in every_act() if not isinstance(each, Enrolment)]
    messages = [(type(each).__name__, wallet_request(each, DOMAIN)["message"]) for each in acts]
    found = modules.run(
        """
import { fieldsInWords, titleOf } from "./act_words.js";
answer = given.map(([type, message]) => [
  titleOf(type, "en"),
  ...fieldsInWords(type, message, "en").map(({ path, word }) => [path, word]),
]);
""",
        messages,
    )

    assert found == [
        [title_of(name), *([path, word] for path, word in fields_in_words(name, message))]
        for name, message in messages
    ]


def test_every_field_has_a_name_in_both_languages() -> None:
    """No reader of Chinese is asked to sign `cnas` without being told what it is."""
    kinds = (kind.act_type for kind in SIGNED_ACTS.values())
    members = {name for kind in kinds for found in kind.types().values() for name, _ in found}
    words = dict(FIELDS)

    assert members == words.keys()
    for act in SIGNED_ACTS:
        assert title_of(act, "zh") not in {act, title_of(act)}
    assert all(english and chinese for english, chinese in words.values())


@pytest.mark.parametrize("signers", [(), (INITIATOR,), (INITIATOR, APPROVER)], ids=len)
def test_request_is_read_and_written(modules: Modules, signers: tuple[AccountSigner, ...]) -> None:
    """What each signs, who is missing and the file's text are the command's, byte for byte."""
    request = signed_by(request_of(), *signers)
    found = read(modules, request)
    people = (INITIATOR, APPROVER)

    assert found["missing"] == ["initiator", "approver"][len(signers) :]
    assert found["digests"] == [
        [
            f"0x{request.digest(each.address).hex()}",
            *(f"0x{digest.hex()}" for _, digest in request.parts_of(each.address)),
        ]
        for each in people
    ]
    assert found["text"].encode() == format_request(request)


def test_signature_put_in_is_the_commands(modules: Modules) -> None:
    """A file whose second signature the page put in is complete for the command."""
    request = signed_by(request_of(), INITIATOR)
    digests = [request.digest(APPROVER.address), *dict(request.parts_of(APPROVER.address)).values()]
    signatures = [f"0x{APPROVER.sign_digest(each).hex()}" for each in digests]
    text = modules.run(
        """
import { fileText, readRequest, withSignatures } from "./requests.js";
import { utf8 } from "./bytes.js";
const request = readRequest(utf8(given.file));
const signed = withSignatures(request, given.address, new Map(given.signatures.entries()));
answer = fileText(signed.document);
""",
        {
            "file": format_request(request).decode(),
            "address": format_address(APPROVER.address),
            "signatures": signatures,
        },
    )
    signed = parse_request(text.encode())

    require_complete(signed)
    assert signed == signed_by(request, APPROVER)


def _set(*path: str | int, value: Any) -> Change:
    def change(document: dict[str, Any]) -> None:
        place: Any = document
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value

    return change


FIELDS_OF_ACT = ("parts", 0, "fields")
EDITS: dict[str, tuple[Change, str]] = {
    "total after signing": (_set(*FIELDS_OF_ACT, "total_tCO2e", value="1234568"), "edited"),
    "title after signing": (_set("title", value="提交2023年度清单"), "edited"),
    "deadline of the act": (_set(*FIELDS_OF_ACT, "deadline", value="4000000001"), "other_deadline"),
    "deadline of the request": (_set("deadline", value="2096-10-02T07:06:41Z"), "other_deadline"),
    "another log": (_set("origin", value="other.example/log/91350211M000100Y46"), "other_log"),
    "another enterprise": (
        _set(*FIELDS_OF_ACT, "subject", "creditCode", value="91350211M000100Y47"),
        "other_log",
    ),
    "no log": (_set("origin", value=None), "other_log"),
    "another signer": (
        _set(*FIELDS_OF_ACT, "approver", value=format_address(b"\x09" * 20)),
        "other_signers",
    ),
    "roles exchanged": (
        _set(
            "signers",
            value={
                "initiator": format_address(APPROVER.address),
                "approver": format_address(INITIATOR.address),
            },
        ),
        "other_signers",
    ),
    "one person": (
        _set("signers", "approver", value=format_address(INITIATOR.address)),
        "one_person",
    ),
    "number as a number": (_set(*FIELDS_OF_ACT, "total_tCO2e", value=1234567), "field_form"),
    "leading zero": (_set(*FIELDS_OF_ACT, "total_tCO2e", value="01234567"), "field_form"),
    "too large": (_set(*FIELDS_OF_ACT, "total_tCO2e", value=str(2**64)), "field_form"),
    "upper-case hash": (_set(*FIELDS_OF_ACT, "linesRoot", value="0x" + "AB" * 32), "field_form"),
    "address without checksum": (
        _set(*FIELDS_OF_ACT, "approver", value=format_address(APPROVER.address).lower()),
        "field_form",
    ),
    "a field more": (_set(*FIELDS_OF_ACT, "total_tco2e", value="1"), "field_names"),
    "a name more": (_set("note", value="x"), "not_request"),
    "another contract's name": (_set("parts", 0, "contract", value="Credentials"), "malformed"),
    "half a number": (_set("log_size", value=0.5), "not_integer"),
    "turned title": (_set("title", value="total \u202e7654321"), "malformed"),
    "turned reason": (_set(*FIELDS_OF_ACT, "reason", value="a\u202eb"), "field_form"),
    "wide space": (_set(*FIELDS_OF_ACT, "reason", value="a\u3000b"), "field_form"),
    "no such day": (_set("deadline", value="2096-02-30T00:00:00Z"), "malformed"),
    "a type that every object has": (
        _set("parts", 0, "type", value="constructor"),
        "unknown_act",
    ),
    "a record": (_set("parts", 0, value={"kind": "record", "record": {}}), "with_records"),
}


@pytest.fixture(scope="module")
def refusals(modules: Modules) -> dict[str, Any]:
    """What is said of a file that the first person signed, with one thing changed; all at once."""
    request = signed_by(request_of(), INITIATOR)
    files = [changed(request, change) for change, _ in EDITS.values()]
    return dict(zip(EDITS, modules.run(READ, files), strict=True))


@pytest.mark.parametrize("name", EDITS)
def test_edited_file_is_refused(refusals: dict[str, Any], name: str) -> None:
    """Nothing of such a file is shown for signing."""
    assert refusals[name] == {"refused": EDITS[name][1]}


def test_device_act_is_for_the_command(modules: Modules) -> None:
    """An enrolment goes with a record that only the command holds against it."""
    (enrolment,) = [each for each in every_act() if isinstance(each, Enrolment)]

    assert read(modules, request_of(enrolment)) == {"refused": "with_records"}


def test_act_about_a_party_names_no_log(modules: Modules) -> None:
    """A request without a log is read where no act of it is about one."""
    (removal,) = [each for each in every_act() if type(each).__name__ == "Removal"]
    placed = replace(cast(Any, removal), deadline=SUBMISSION.deadline)
    request = request_of(placed, origin=None, signers={"remover": placed.remover})

    assert read(modules, request)["missing"] == ["remover"]


@pytest.mark.parametrize(
    "path",
    [
        ("typed_data", "message", "total_tCO2e"),
        ("typed_data", "message", "subject", "creditCode"),
        ("typed_data", "domain", "verifyingContract"),
        ("typed_data", "domain", "chainId"),
        ("typed_data", "primaryType"),
        ("typed_data", "types", "InventorySubmission", 7, "type"),
        ("digest",),
        ("contract",),
    ],
    ids=lambda path: str(path[-1]),
)
def test_server_that_says_otherwise_is_noticed(
    modules: Modules, path: tuple[str | int, ...]
) -> None:
    """One value of the server's answer changed, and the place is named."""
    server = {
        "typed_data": wallet_request(SUBMISSION, DOMAIN),
        "digest": f"0x{act_digest(SUBMISSION, DOMAIN).hex()}",
        "contract": format_address(REGISTRY),
    }
    given = json.loads(json.dumps(server))
    _set(*path, value="1")(given)
    found = modules.run(
        """
import { differenceFrom, readRequest } from "./requests.js";
import { utf8 } from "./bytes.js";
const [part] = readRequest(utf8(given.file)).parts;
answer = given.answers.map((each) => differenceFrom(part, each));
""",
        {"file": format_request(request_of()).decode(), "answers": [server, given]},
    )

    assert found[0] is None
    assert found[1]["there"] == '"1"'
    assert found[1]["path"].startswith(str(path[0]))


def test_hidden_characters_are_shown(modules: Modules) -> None:
    """A name that reads backwards, or holds what cannot be seen, does not read as another one."""
    found = modules.run(
        'import { visible } from "./act_words.js"; answer = given.map(visible);',
        ["某某 power", "a\u202eb", "a\u200bb", "a\u2028b", "\u3164"],
    )

    assert found == ["某某 power", "a[U+202E]b", "a[U+200B]b", "a[U+2028]b", "[U+3164]"]
