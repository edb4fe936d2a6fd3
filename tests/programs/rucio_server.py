"""As much of a Rucio server as ``rucio whoami`` asks: it knows whoever shows a proxy.

    python3 rucio_server.py CERTIFICATE KEY AUTHORITIES PORT

It is on 127.0.0.1 alone. The client and what both ends do with the proxy are real; what it
answers is what Rucio's lib/rucio/web/rest has, in brief.
"""

import json
import ssl
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ACCOUNT = {"account": "anna", "status": "ACTIVE", "account_type": "USER"}
TOKEN = "a token"


class Answers(BaseHTTPRequestHandler):
    """The answers to a client."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        """Give a token for a certificate, and the account for the token."""
        if self.path in ("/auth/x509_proxy", "/auth/x509"):
            is_known, body = bool(self.connection.getpeercert()), b""
        else:
            is_known = self.headers["X-Rucio-Auth-Token"] == TOKEN
            body = json.dumps(ACCOUNT).encode() if is_known else b""
        self.send_response(200 if is_known else 401)
        if is_known:
            self.send_header("X-Rucio-Auth-Token", TOKEN)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main(certificate: str, key: str, authorities: str, port: str) -> None:
    """Serve until the end.

    Args:
        certificate: the file with the certificate of the server.
        key: the file with its key.
        authorities: the folder with the authorities that it trusts.
        port: its port.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    context.load_verify_locations(capath=authorities)
    context.verify_mode = ssl.CERT_OPTIONAL
    context.verify_flags |= ssl.VERIFY_ALLOW_PROXY_CERTS | ssl.VERIFY_X509_PARTIAL_CHAIN
    # With 1.3, the client may see that it was cut off before it sees why.
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    server = ThreadingHTTPServer(("127.0.0.1", int(port)), Answers)
    server.socket = context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
