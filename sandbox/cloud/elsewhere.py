"""Any other cloud: its resources stand, keep their names, and answer with their inputs and made-up outputs."""

from collections.abc import Mapping
from typing import Any

from sandbox.cloud.identity import auto_name, characters
from sandbox.cloud.service import Place
from sandbox.knowledge.sdk import inputs_of
from sandbox.values import listed

_NAME_LIMIT = 61


class Elsewhere:
    """A provider that the sandbox knows only by its SDK; Google Cloud's project, region and zone are understood."""

    remembers = True

    def __init__(self) -> None:
        """Before `configure`: nowhere."""
        self._project, self._region, self._zone = "", "", ""

    def configure(self, config: Mapping[str, Any]) -> None:
        """Take project, region and zone, where the provider has them."""
        self._project, self._region, self._zone = (_text(config.get(key)) for key in ("project", "region", "zone"))

    def name(self, urn: str, type_: str, news: Mapping[str, Any], olds: Mapping[str, Any], salt: str) -> dict[str, Any]:
        """The inputs with a name and the provider's project, where the program gave none."""
        named: dict[str, Any] = {**news, "__defaults": []}
        inputs = inputs_of(type_)
        if "project" in inputs and named.get("project") is None and self._project:
            named["project"] = self._project
        if "name" in inputs and named.get("name") is None:
            kept = olds.get("name") if "name" in listed(olds.get("__defaults")) else None
            named["name"] = kept or auto_name(urn.rpartition("::")[2].lower(), urn, salt, limit=_NAME_LIMIT)
            named["__defaults"] = ["name"]
        return named

    def name_property(self, type_: str) -> str | None:
        """`name`, as nearly everywhere."""
        return "name" if "name" in inputs_of(type_) else None

    def place(self, type_: str, inputs: Mapping[str, Any]) -> Place:
        """The resource's own region and zone, else the provider's."""
        zone = _text(inputs.get("zone"))
        region = _text(inputs.get("region")) or zone.rpartition("-")[0] or _text(inputs.get("location")) or self._region
        return Place(region, _text(inputs.get("project")) or self._project, control=region or None, zones=(zone,))

    def claim(self, type_: str, inputs: Mapping[str, Any]) -> str | None:
        """A name may stand once in project and region."""
        name, place = inputs.get("name"), self.place(type_, inputs)
        return f"{type_} {place.account} {place.region} {name}" if isinstance(name, str) and name else None

    def scope(self, type_: str) -> str:
        """Project and region."""
        return "in the project and region"

    def identify(self, urn: str, type_: str, inputs: Mapping[str, Any], salt: str) -> str:
        """Google's path of the resource; elsewhere its name, or a made-up id."""
        name = _text(inputs.get("name"))
        if type_.startswith("gcp:") and name:
            place = self.place(type_, inputs)
            where = f"regions/{place.region}" if place.region else "global"
            word = type_.rpartition(":")[2]
            return f"projects/{place.account}/{where}/{word[0].lower()}{word[1:]}s/{name}"
        return name or characters(f"{type_} {urn} {salt}", 20, "0123456789abcdef")

    def outputs(
        self, urn: str, type_: str, id_: str, inputs: Mapping[str, Any], olds: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The id, and where it stands."""
        made: dict[str, Any] = {"id": id_}
        place = self.place(type_, inputs)
        for key, value in (("project", place.account), ("region", place.region)):
            if key in inputs_of(type_) and value:
                made[key] = value
        if type_.startswith("gcp:"):
            made["selfLink"] = f"https://www.googleapis.com/{id_}"
        return made


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
