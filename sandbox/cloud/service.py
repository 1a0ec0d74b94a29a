"""What a cloud must answer for the simulator to bring its resources up."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class Place:
    """Where a resource stands.

    Attributes:
        region: empty for what is global.
        account: AWS account, GCP project, or Kubernetes cluster.
        control: region whose control plane is asked to change it; None for one that is everywhere.
        zones: availability zones it stands in alone.
    """

    region: str
    account: str
    control: str | None
    zones: tuple[str, ...] = ()


class Service(Protocol):
    """One cloud as one configured provider sees it.

    Attributes:
        remembers: whether resources stand anywhere but in Pulumi's state.
    """

    remembers: bool

    def configure(self, config: Mapping[str, Any]) -> None:
        """Take the provider's inputs, or refuse them."""
        ...

    def name(self, urn: str, type_: str, news: Mapping[str, Any], olds: Mapping[str, Any], salt: str) -> dict[str, Any]:
        """The inputs with what the provider fills in: a name where the program gave none."""
        ...

    def name_property(self, type_: str) -> str | None:
        """Wire name of the input that holds the physical name."""
        ...

    def place(self, type_: str, inputs: Mapping[str, Any]) -> Place:
        """Where a resource stands."""
        ...

    def claim(self, type_: str, inputs: Mapping[str, Any]) -> str | None:
        """What it holds to itself; None for nothing or not yet known."""
        ...

    def scope(self, type_: str) -> str:
        """Where its claim is unique, in words."""
        ...

    def identify(self, urn: str, type_: str, inputs: Mapping[str, Any], salt: str) -> str:
        """The id of a new resource; another for another salt."""
        ...

    def outputs(
        self, urn: str, type_: str, id_: str, inputs: Mapping[str, Any], olds: Mapping[str, Any]
    ) -> dict[str, Any]:
        """What reading it answers besides its inputs."""
        ...


@dataclass(frozen=True)
class Planned:
    """A resource as a plan wants it, or as it stands: what one resource is judged against.

    Attributes:
        urn: of the resource.
        type: its Pulumi token.
        inputs: plain; UNKNOWN where a preview does not know yet.
        place: where it stands.
        claim: what it holds to itself; None for nothing or not yet known.
        id: None while it does not stand.
    """

    urn: str
    type: str
    inputs: Mapping[str, Any]
    place: Place
    claim: str | None
    id: str | None = None
