"""How is what is kept made small, and unpacked again without trusting what it says of itself?

A mark of one byte, how large the rest was, in four bytes, so that it is known before it is unpacked, and the rest.
"""

from __future__ import annotations

import zlib

# Unpacked. No model writes as much, and text of this size is read in 20 ms.
LARGEST_BYTES = 8 * 2**20

_SIZE_BYTES = 4
_HEAD_BYTES = 1 + _SIZE_BYTES


def pack(mark: bytes, data: bytes) -> bytes:
    """`data` packed, behind `mark`. Raises ValueError for more than anybody would unpack."""
    check_size(len(data))
    return mark + len(data).to_bytes(_SIZE_BYTES) + zlib.compress(data, level=1)


def unpack(packed: bytes) -> bytes:
    """What is packed behind the mark. Raises ValueError when it is not whole, or nobody would have kept it so."""
    size = said_bytes(packed)
    check_size(size)
    unpacking = zlib.decompressobj()
    try:
        # One more, since zlib sees the end only when there is room behind it.
        unpacked = unpacking.decompress(packed[_HEAD_BYTES:], size + 1)
    except zlib.error as error:
        msg = "it is not packed"
        raise ValueError(msg) from error
    if not unpacking.eof or unpacking.unused_data or len(unpacked) != size:
        msg = "it is cut, followed by something, or not as large as it says"
        raise ValueError(msg)
    return unpacked


def said_bytes(packed: bytes) -> int:
    """How large what is packed says that it is, without a look at it."""
    return int.from_bytes(packed[1:_HEAD_BYTES])


def check_size(size: int) -> None:
    """Raises ValueError for more bytes than anybody would keep."""
    if size > LARGEST_BYTES:
        msg = f"it is larger than {LARGEST_BYTES} bytes"
        raise ValueError(msg)
