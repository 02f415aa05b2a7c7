"""What a ZIP archive says of itself, before anything is unpacked: workbooks and Word documents are such."""

import zipfile

MOST_UNPACKED = 200 * 1024 * 1024
MOST_RATIO = 200
SMALL = 10 * 1024 * 1024  # unpacked: whatever the ratio, this does no harm
MOST_PARTS = 5000


def is_bomb(archive: zipfile.ZipFile) -> bool:
    """Whether it unpacks to far more than its size, or to far too many parts."""
    parts = archive.infolist()
    unpacked, packed = sum(part.file_size for part in parts), sum(part.compress_size for part in parts)
    return unpacked > MOST_UNPACKED or len(parts) > MOST_PARTS or (unpacked > SMALL and unpacked > MOST_RATIO * packed)


def is_locked(archive: zipfile.ZipFile) -> bool:
    """Whether a password protects any part."""
    return any(part.flag_bits & 1 for part in archive.infolist())
