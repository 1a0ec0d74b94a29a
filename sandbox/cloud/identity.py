"""Made-up identities: as random as AWS' to look at, and the same for the same seed every time."""

import base64
import hashlib
import re
import string
import uuid
from collections.abc import Mapping
from typing import Any, cast

_SIZED = re.compile(r"(hex|HEX|upper|digits)(\d+)")
_ALPHABETS = {
    "hex": "0123456789abcdef",
    "HEX": "0123456789ABCDEF",
    "upper": string.ascii_uppercase + string.digits,
    "digits": string.digits,
}


def characters(seed: str, count: int, alphabet: str) -> str:
    """So many characters of the alphabet, the same for the same seed."""
    size = len(alphabet)
    stream = hashlib.shake_256(seed.encode()).digest(count * 4)
    return "".join(alphabet[int.from_bytes(stream[at : at + 4]) % size] for at in range(0, len(stream), 4))


def auto_name(logical: str, urn: str, salt: str, *, limit: int, prefix: str | None = None) -> str:
    """A physical name for a resource the program gave none: the logical name and seven hexadecimal digits.

    Args:
        logical: the program's name of the resource.
        urn: its URN.
        salt: id of the resource that this one replaces, so that both can stand for a while; empty for none.
        limit: most characters the service takes.
        prefix: the program's own prefix, put in place of the logical name and its hyphen.
    """
    suffix = hashlib.sha256(f"{urn}\n{salt}".encode() if salt else urn.encode()).hexdigest()[:7]
    front = f"{logical}-" if prefix is None else prefix
    return f"{front[: limit - 7]}{suffix}"


class Facts(dict[str, Any]):
    """What templates are filled from; sized characters and UUIDs are made up on demand from the seed."""

    def __init__(self, seed: str, known: Mapping[str, Any]) -> None:
        """Take the given facts; everything made up comes from `seed`."""
        super().__init__(known)
        self._seed = seed

    def __missing__(self, key: str) -> Any:
        sized = _SIZED.fullmatch(key)
        if sized:
            return characters(f"{self._seed}\n{key}", int(sized[2]), _ALPHABETS[sized[1]])
        if key == "uuid":
            return str(uuid.uuid5(uuid.NAMESPACE_URL, self._seed))
        if key == "certificate":
            return made_up_certificate(self._seed)
        # An input that was not given.
        return ""

    def fill(self, template: Any) -> Any:
        """The template with every string in it filled; a template that is one name alone keeps the fact's type."""
        if isinstance(template, str):
            if template.startswith("{") and template.endswith("}") and template[1:-1].isidentifier():
                return self[template[1:-1]]
            return template.format_map(self)
        if isinstance(template, Mapping):
            return {key: self.fill(item) for key, item in cast(Mapping[str, Any], template).items()}
        if isinstance(template, list):
            return [self.fill(item) for item in cast(list[Any], template)]
        return template


def made_up_certificate(seed: str) -> str:
    """Base64 of something in PEM armour, as EKS gives its authority's certificate; it certifies nothing."""
    body = base64.b64encode(hashlib.shake_256(f"{seed}\ncertificate".encode()).digest(720)).decode()
    lines = [body[at : at + 64] for at in range(0, len(body), 64)]
    pem = "\n".join(["-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----", ""])
    return base64.b64encode(pem.encode()).decode()
