"""The optional API key: RSA-PSS signatures over time, method and path.

Without a key every endpoint this program uses still works; a key raises the exchange's rate limit.
"""

from __future__ import annotations

import base64
import stat
from pathlib import Path
from typing import Any

from data_layer.errors import DataLayerError


class SigningError(DataLayerError):
    """The API key can not be used: file missing, readable by others, not an RSA key, or no `cryptography`."""


class ApiKey:
    """A Kalshi API key: its id and an RSA private key file only its owner may read (mode 0600 or stricter).

    Raises SigningError if it can not be used. Neither the id nor the key shows in a repr.
    """

    def __init__(self, key_id: str, private_key_path: Path | str) -> None:
        self.__key_id = key_id
        self.__private_key = _load(Path(private_key_path))

    def __repr__(self) -> str:
        return "ApiKey(…)"

    def __reduce__(self) -> Any:
        raise TypeError("An API key is not pickled.")

    def redact(self, text: str) -> str:
        """Take the key's id out of a text, in case a server echoes it."""
        return text.replace(self.__key_id, "[API key]")

    def headers(self, method: str, path: str, timestamp_ms: int) -> dict[str, str]:
        """Sign one request; `path` is the URL's whole path without the query."""
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import padding

        message = f"{timestamp_ms}{method}{path}".encode()
        pss = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=padding.PSS.DIGEST_LENGTH)
        signature = self.__private_key.sign(message, pss, hashes.SHA256())
        return {
            "KALSHI-ACCESS-KEY": self.__key_id,
            "KALSHI-ACCESS-TIMESTAMP": str(timestamp_ms),
            "KALSHI-ACCESS-SIGNATURE": base64.b64encode(signature).decode("ascii"),
        }


def _load(path: Path) -> Any:
    try:
        from cryptography.hazmat.primitives.asymmetric import rsa
        from cryptography.hazmat.primitives.serialization import load_pem_private_key
    except ImportError as error:
        raise SigningError(
            "An API key needs the 'signing' extra: pip install 'kalshi-dashboard[signing]'."
        ) from error
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(path.stat().st_mode)
            pem = file.read()
    except OSError as error:
        raise SigningError(f"The private key file {path} can not be read: {error.strerror}.") from error
    if mode & 0o077:
        raise SigningError(f"Others may read the private key file {path} (mode {mode:04o}): run chmod 600 on it.")
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError) as error:
        # The parser's message may quote the file; say only what to do.
        raise SigningError(f"{path} holds no private key in PEM form without a password.") from error
    if not isinstance(key, rsa.RSAPrivateKey):
        raise SigningError(f"{path} holds no RSA key.")
    return key
