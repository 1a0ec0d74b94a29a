"""Physical names: of things that people type or that the other region must be able to compute."""

import hashlib


def physical(*parts: str, limit: int) -> str:
    """Join parts with hyphens into a name of at most ``limit`` characters.

    A name that would be longer is cut and ends in six hexadecimal digits of the whole, so that two long names that
    differ only at their ends stay different.
    """
    whole = "-".join(parts)
    if len(whole) <= limit:
        return whole
    digest = hashlib.sha256(whole.encode()).hexdigest()[:6]
    return f"{whole[: limit - 7].rstrip('-')}-{digest}"
