"""The cipher of back-ups as a stream: blocks of one size, the last one marked, so that a cut is noticed."""

from __future__ import annotations

import hashlib
import io
from typing import IO, Any

from nacl import bindings as sodium

MAGIC = b"CSAT back-up 1\n"
CHUNK = 256 * 1024
CIPHERED = CHUNK + sodium.crypto_secretstream_xchacha20poly1305_ABYTES
KEY_BYTES = sodium.crypto_secretstream_xchacha20poly1305_KEYBYTES
HEADER = sodium.crypto_secretstream_xchacha20poly1305_HEADERBYTES
MORE = sodium.crypto_secretstream_xchacha20poly1305_TAG_MESSAGE
LAST = sodium.crypto_secretstream_xchacha20poly1305_TAG_FINAL
KEY_FINGERPRINT_SIZE = 8  # bytes at the head of a file that say which key opens it


class KeyAbsent(Exception):
    """No back-up key lies in the keys folder, or not the one that the file wants."""


class BackupCorrupt(Exception):
    """Not a whole back-up of ours: changed, cut short, or something else."""


def fingerprint_key(key: bytes) -> bytes:
    """By which a key is known without being told."""
    return hashlib.blake2b(key, digest_size=KEY_FINGERPRINT_SIZE, person=b"csat name of key").digest()


class SealingStream(io.RawIOBase):
    """Encrypts what is written, in blocks of one size."""

    def __init__(self, target: IO[bytes], key: bytes) -> None:
        self._target, self._waiting = target, bytearray()
        self._state = sodium.crypto_secretstream_xchacha20poly1305_state()
        head = sodium.crypto_secretstream_xchacha20poly1305_init_push(self._state, key)
        target.write(MAGIC + fingerprint_key(key) + head)

    def write(self, content: Any) -> int:
        self._waiting += content
        while len(self._waiting) > CHUNK:  # a full block waits too: it may be the last, which is marked
            self._push(CHUNK, MORE)
        return len(content)

    def finish(self) -> None:
        """The last block, marked as such."""
        self._push(len(self._waiting), LAST)

    def _push(self, size: int, tag: int) -> None:
        block = bytes(self._waiting[:size])
        del self._waiting[:size]
        push = sodium.crypto_secretstream_xchacha20poly1305_push
        self._target.write(push(self._state, block, ad=None, tag=tag))


class OpeningStream(io.RawIOBase):
    """Decrypts a back-up as it is read; raises BackupCorrupt where it was changed or cut short."""

    def __init__(self, source: IO[bytes], key: bytes) -> None:
        self._source, self._ready, self._ended = source, bytearray(), False
        if source.read(len(MAGIC)) != MAGIC:
            raise BackupCorrupt("this is no back-up")
        if source.read(KEY_FINGERPRINT_SIZE) != fingerprint_key(key):
            raise KeyAbsent("another key made it")
        head = source.read(HEADER)
        if len(head) != HEADER:
            raise BackupCorrupt("cut short")
        self._state = sodium.crypto_secretstream_xchacha20poly1305_state()
        sodium.crypto_secretstream_xchacha20poly1305_init_pull(self._state, head, key)

    def read(self, size: int = -1) -> bytes:
        while not self._ended and (size < 0 or len(self._ready) < size):
            self._pull()
        taken = bytes(self._ready if size < 0 else self._ready[:size])
        del self._ready[: len(taken)]
        return taken

    def drain(self) -> None:
        """Read to the end, so that the last block is seen."""
        while self.read(CHUNK):
            pass

    def _pull(self) -> None:
        block = self._source.read(CIPHERED)
        try:
            plain, tag = sodium.crypto_secretstream_xchacha20poly1305_pull(self._state, block, ad=None)
        except (ValueError, RuntimeError) as changed:
            raise BackupCorrupt("changed or cut short") from changed
        self._ready += plain
        self._ended = tag == LAST
        if self._ended and self._source.read(1):
            raise BackupCorrupt("something follows the end")
