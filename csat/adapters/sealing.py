"""Sealing by NaCl: anonymous answers to a campaign's public key, half-filled forms to a key of their own."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nacl import pwhash
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox
from nacl.secret import SecretBox

from csat.adapters.files import write_once

SUFFIX = ".campaign"


class KeyLost(LookupError):
    """The private key of a campaign is not in the keys folder."""


def create_key(folder: Path) -> bytes:
    """A new key pair: the private half is written to the folder, the public half returned."""
    private = make_private_key()
    public_key = find_public_key(private)
    write_once(_place(folder, public_key), private)
    return public_key


def make_private_key() -> bytes:
    """The private half of a new key pair, which no folder keeps."""
    return bytes(PrivateKey.generate())


def find_public_key(private: bytes) -> bytes:
    """The public half of a key pair."""
    return bytes(PrivateKey(private).public_key)


@contextmanager
def create_key_or_undo(folder: Path) -> Iterator[bytes]:
    """A new key pair for what is made inside; when that fails, nothing of it stays in the folder."""
    public_key = create_key(folder)
    try:
        yield public_key
    except BaseException:
        destroy_key(folder, public_key)
        raise


def seal_bytes(public_key: bytes, plain: bytes) -> bytes:
    """Seal so that only the private half opens it; who sealed cannot be told."""
    return SealedBox(PublicKey(public_key)).encrypt(plain)


def open_sealed(folder: Path, public_key: bytes, sealed: bytes) -> bytes | None:
    """Open what was sealed; None if it is damaged. Raise KeyLost when the private half is not here."""
    try:
        private = _place(folder, public_key).read_bytes()
    except FileNotFoundError as missing:
        raise KeyLost(str(folder)) from missing
    return open_with_key(private, sealed)


def open_with_key(private: bytes, sealed: bytes) -> bytes | None:
    """Open what was sealed by its private half; None if it is damaged, or sealed to another one."""
    try:
        return SealedBox(PrivateKey(private)).decrypt(sealed)
    except CryptoError:
        return None


def destroy_key(folder: Path, public_key: bytes) -> None:
    """Overwrite and remove a private half: what is still sealed to it stays sealed for ever."""
    place = _place(folder, public_key)
    if not place.exists():
        return
    with place.open("r+b") as target:
        target.write(os.urandom(32))
        target.flush()
        os.fsync(target.fileno())
    place.unlink()


def is_key_kept(folder: Path, public_key: bytes) -> bool:
    """Whether the private half of a key is here."""
    return _place(folder, public_key).exists()


def list_kept_keys(folder: Path) -> list[Path]:
    """The files of all private halves that are here."""
    return sorted(folder.glob(f"*{SUFFIX}"))


def derive_draft_key(token: str, code: str) -> bytes:
    """The key of a half-filled form, from its link's token and its continuation code."""
    # Slow on purpose: who has the link and the store could otherwise try all codes.
    salt = hashlib.blake2b(token.encode(), digest_size=pwhash.argon2id.SALTBYTES, person=b"csat draft").digest()
    return pwhash.argon2id.kdf(SecretBox.KEY_SIZE, code.encode(), salt, opslimit=2, memlimit=19 * 1024 * 1024)


def encrypt_with_key(key: bytes, plain: bytes) -> bytes:
    """Encrypt with a key of our own."""
    return bytes(SecretBox(key).encrypt(plain))


def decrypt_with_key(key: bytes, locked: bytes) -> bytes | None:
    """Decrypt, or None if the key is not the right one."""
    try:
        return SecretBox(key).decrypt(locked)
    except CryptoError:
        return None


def _place(folder: Path, public_key: bytes) -> Path:
    """Where a campaign's private half lies: under a name made from the public half."""
    return folder / f"{hashlib.blake2b(public_key, digest_size=16).hexdigest()}{SUFFIX}"
