"""
TLS as a client of the broker: both sides show a certificate.

Source: FORMATS section 7; RFC 8446, RFC 5246.
"""

from __future__ import annotations

import ssl

from devices.session import BrokerAddress


class _TidySocket(ssl.SSLSocket):
    """A TLS socket that closes itself when the handshake fails; the MQTT client forgets it then."""

    def do_handshake(self, block: bool = False) -> None:
        """Shake hands, or close."""
        try:
            super().do_handshake(block)
        except OSError:
            self.close()
            raise


def client_context(address: BrokerAddress) -> ssl.SSLContext:
    """
    Read certificates and key from their files.

    It is called for every connection, so that a renewed certificate is used with the next one.

    Raises:
        OSError: If a file cannot be read or is not what it should be.
    """
    context = ssl.create_default_context(cafile=str(address.authorities))
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.sslsocket_class = _TidySocket
    context.load_cert_chain(
        str(address.certificate), str(address.private_key), password=address.password
    )
    return context
