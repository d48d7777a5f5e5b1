"""
Encrypted data regions of HJ 212-2025: SM4, ECB, no padding.

Groups of 16 bytes are encrypted, what is left over stays plain; the check value is that of the
plain segment. So a wrong key, or none, is found out: the check value does not fit. The standard
prints the cipher text as `{0xE4,0x3E,…}`; on the line its length field counts the bytes themselves,
but implementations exist that send the printed form, and both are read.

ECB shows equal groups as equal and guards nothing against replay; what a third party may rely on
is the gateway's signature.

Source: HJ 212-2025, section 6.4.2 and annex A.2 (not read in the original; from public programs
that quote it with its vectors); GB/T 32907-2016 (SM4).
"""

from __future__ import annotations

import re
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import SM4

from devices.errors import RegionEncrypted
from devices.hj212.checksum import checksum
from devices.hj212.frames import Frame

KEY_BYTES: Final = 16
_GROUP: Final = 16
_REGION_START: Final = b"CP=&&"
_REGION_END: Final = b"&&"
_ITEM_START: Final = re.compile(rb"[0-9A-Za-z_.-]{1,60}=")
_PRINTED: Final = re.compile(rb"\{((?:0x[0-9A-Fa-f]{2}(?:,0x[0-9A-Fa-f]{2})*)?)\}")


def encrypt_region(region: bytes, key: bytes) -> bytes:
    """Encrypt a data region; the result is as long as the region."""
    whole = len(region) - len(region) % _GROUP
    encryptor = _cipher(key).encryptor()
    return encryptor.update(region[:whole]) + encryptor.finalize() + region[whole:]


def decrypt_region(region: bytes, key: bytes) -> bytes:
    """
    Decrypt a data region as it came, whichever of the two forms it has.

    Whether the key was right shows only in the check value.
    """
    cipher_text, tail = _unprinted(region)
    decryptor = _cipher(key).decryptor()
    return decryptor.update(cipher_text) + decryptor.finalize() + tail


def open_frame(frame: Frame, key: bytes | None) -> bytes:
    """
    Give the plain data segment of a frame.

    Raises:
        RegionEncrypted: If it is encrypted and there is no key, or the key does not fit.
    """
    head, _, rest = frame.segment.partition(_REGION_START)
    region = rest.removesuffix(_REGION_END)
    if frame.intact and _reads_as_items(region):
        return frame.segment
    if key is None:
        raise RegionEncrypted("the data region is encrypted, and this station has no key")
    opened = decrypt_region(region, key)
    plain = head + _REGION_START + opened + _REGION_END
    # Some loggers take the check value of what they send; then only sense tells a right key.
    fits = _reads_as_items(opened) if frame.intact else checksum(plain) == frame.check_value
    if not fits:
        raise RegionEncrypted("the station's key does not open the data region")
    return plain


def _reads_as_items(region: bytes) -> bool:
    return not region or _ITEM_START.match(region) is not None


def _cipher(key: bytes) -> Cipher[modes.ECB]:
    # ECB is what the standard asks for; secrecy is its matter, evidence is ours.
    return Cipher(SM4(key), modes.ECB())  # noqa: S305


def _unprinted(region: bytes) -> tuple[bytes, bytes]:
    """Give the encrypted groups and the plain rest."""
    printed = _PRINTED.match(region)
    if printed:
        groups = bytes(int(byte, 16) for byte in printed[1].split(b",") if byte)
        if len(groups) % _GROUP == 0:
            return groups, region[printed.end() :]
    whole = len(region) - len(region) % _GROUP
    return region[:whole], region[whole:]
