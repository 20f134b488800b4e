"""File names that are safe in any folder, made of what a vendor calls a file."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["folded", "numbered", "safe_name"]

# Windows takes these for devices, whatever follows a full stop.
_DEVICE = re.compile(
    r"(?:CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(?:COM|LPT)[0-9¹²³]) *(?:\..*)?", re.IGNORECASE
)
# Separators of folders and streams, and what Windows allows in no name.
_FORBIDDEN = frozenset('<>:"/\\|?*')
# Controls, marks that change the direction of text, halves of characters, and what is unassigned.
_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_NAMELESS = "document"
# File systems take 255 bytes, or 255 units of UTF-16; a number may follow.
_LONGEST = 200
_LONGEST_SUFFIX = 20


def safe_name(name: str) -> str:
    """Makes a name that every common file system takes, and that names a file in its folder.

    It is what the vendor calls the file where that is safe, else the nearest one; never an empty
    one.
    """
    text = "".join(
        "_" if one in _FORBIDDEN or unicodedata.category(one) in _UNPRINTABLE else one
        for one in unicodedata.normalize("NFC", name)
    )
    # Windows drops full stops and blanks at the end; at the beginning they hide a file.
    text = text.strip(". \t\u00a0") or _NAMELESS
    if _DEVICE.fullmatch(text):
        text = f"_{text}"
    stem, suffix = _split(text)
    return _cut(stem, _LONGEST - len(suffix.encode())) + suffix


def numbered(name: str, number: int) -> str:
    """Tells a file from others of its safe name: from the second one on, it bears its number."""
    stem, suffix = _split(name)
    return name if number == 1 else f"{stem} ({number}){suffix}"


def folded(name: str) -> str:
    """Returns what two names share that some file systems take for one."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _split(name: str) -> tuple[str, str]:
    stem, dot, suffix = name.rpartition(".")
    if not stem or len(suffix.encode()) > _LONGEST_SUFFIX:
        return name, ""
    return stem, dot + suffix


def _cut(text: str, longest: int) -> str:
    octets = text.encode()
    if len(octets) <= longest:
        return text
    return octets[:longest].decode(errors="ignore").rstrip(". ") or _NAMELESS
