"""
The kinds of acts as a module for the browser: types, signers, and the words of fields and codes.

It is made from what the command and the contracts use, so a page cannot know another act.

Source: EIP-712; `chain/signed_acts.py`; `api/office/act_words.py`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from api.office.act_words import CODES, FIELDS, SPANNED, SPANS, TIMES, title_of
from attestation.enums import label
from chain.signed_acts import SIGNED_ACTS, SignedAct
from chain.typed_data import named_members

_LANGUAGES: Final = ("en", "zh")


@cache
def acts_module() -> bytes:
    """Give the text of the module `acts.js`, in UTF-8."""
    exports = {
        "ACTS": {name: _act(name, kind) for name, kind in SIGNED_ACTS.items()},
        "FIELDS": {name: dict(zip(_LANGUAGES, words, strict=True)) for name, words in FIELDS},
        "CODES": {
            name: {
                "acts": sorted(acts),
                "words": {str(int(each)): _both(each) for each in codes},
            }
            for name, (acts, codes) in CODES.items()
        },
        "TIMES": sorted(TIMES),
        "SPANS": sorted(SPANS),
        "SPANNED": sorted(SPANNED),
    }
    lines = ["/** The kinds of acts; made by the server (api/http/act_forms.py). */"]
    lines += [f"export const {name} = {_written(value)};" for name, value in exports.items()]
    return ("\n".join(lines) + "\n").encode()


def _act(name: str, kind: SignedAct) -> Mapping[str, Any]:
    members = {field: member for field, (member, _) in named_members(kind.act_type)}
    return {
        "contract": kind.contract,
        "roles": [[role, members[role]] for role in kind.roles],
        "types": {
            struct: [{"name": member, "type": of_type} for member, of_type in found]
            for struct, found in kind.act_type.types().items()
        },
        "title": {language: title_of(name, language) for language in _LANGUAGES},
    }


def _both(member: Any) -> dict[str, str]:
    return {language: label(member, language) for language in _LANGUAGES}


def _written(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=False)
