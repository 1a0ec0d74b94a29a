"""One configured provider of the simulated cloud, whichever door it is reached through."""

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from sandbox import knowledge
from sandbox.cloud import references, rules
from sandbox.cloud.aws import Aws
from sandbox.cloud.chance import Chance
from sandbox.cloud.data_sources import answer
from sandbox.cloud.elsewhere import Elsewhere
from sandbox.cloud.errors import Outage, Refused
from sandbox.cloud.kinds import SECRET_OUTPUTS
from sandbox.cloud.kubernetes import Kubernetes
from sandbox.cloud.mirror import Mirror
from sandbox.cloud.service import Place, Planned, Service
from sandbox.cloud.world import NameTaken, Resource, World
from sandbox.knowledge import Failure
from sandbox.knowledge.sdk import inputs_of
from sandbox.values import UNKNOWN, Secret, has_secret, has_unknown, unwrapped

# What a plan already knows although the program did not say it.
_KNOWN_AT_PREVIEW = frozenset({"region", "tagsAll"})


@dataclass(frozen=True)
class Checked:
    """The answer to Check."""

    inputs: dict[str, Any]
    failures: list[Failure]


@dataclass(frozen=True)
class Difference:
    """The answer to Diff.

    Attributes:
        changes: `add`, `delete` or `update` of every Pulumi property path that differs.
        replaces: those of the paths whose change makes a new resource.
        delete_first: whether the old one must go before the new one can come.
    """

    changes: Mapping[str, str] = field(default_factory=dict[str, str])
    replaces: tuple[str, ...] = ()
    delete_first: bool = False


class Simulator:
    """A provider: judges, makes, changes and removes resources of one package in a `World`."""

    def __init__(
        self,
        package: str,
        world: World,
        *,
        wait: Callable[[float], object] | None = None,
        mirror: Mirror | None = None,
    ) -> None:
        """A provider before `configure`.

        Args:
            package: Pulumi package, such as `aws`; one without a simulation of its own is answered generically.
            world: where its resources stand.
            wait: spends the seconds that a call to a dark place takes before it gives up; None spends none.
            mirror: makes what operations work on in the local AWS too; None keeps everything simulated.
        """
        self.package = package
        self.service = _service(package)
        self._world = world
        self._wait = wait
        self._mirror = mirror if package == "aws" else None
        self._planned: dict[str, Planned] = {}
        # Ids of what stands, by URN: whatever is made by the same URN afterwards replaces it.
        self._standing: dict[str, str] = {}
        self._lock = threading.RLock()

    def configure(self, config: Mapping[str, Any]) -> None:
        """Take the provider's inputs.

        Raises:
            Refused: when they forbid using the sandbox's account.
        """
        self.service.configure(_config(unwrapped(config)))

    def check_config(self, inputs: Mapping[str, Any]) -> list[Failure]:
        """Judge the provider's own inputs."""
        return knowledge.check(f"pulumi:providers:{self.package}", unwrapped(inputs))

    def check(self, urn: str, type_: str, news: Mapping[str, Any], olds: Mapping[str, Any] | None = None) -> Checked:
        """Judge a resource's inputs as its cloud would, and fill in what the provider fills in.

        Args:
            urn: of the resource.
            type_: its Pulumi token.
            news: what the program says, with UNKNOWN and secrets in it.
            olds: checked inputs of the resource that stands; None for a new one or a replacement.
        """
        before = unwrapped(olds or {})
        salt = "" if olds else self._standing.get(urn, "")
        given = {key: value for key, value in unwrapped(news).items() if not key.startswith("__")}
        place = self.service.place(type_, given)
        failures = list(knowledge.check(type_, given, region=place.region or None))
        if any(failure.property == self.service.name_property(type_) for failure in failures):
            return Checked(dict(news), failures)
        named = self.service.name(urn, type_, given, before, salt)
        with self._lock:
            planned = Planned(urn, type_, named, place, self.service.claim(type_, named))
            failures += self._refusals(planned, before)
            self._planned[urn] = planned
        spoken = {key: value for key, value in news.items() if not key.startswith("__")}
        # The program's own values go back as they came, secrets included.
        return Checked({**named, **_overlaid(named, spoken)}, _once(failures))

    def diff(
        self,
        urn: str,
        type_: str,
        id_: str,
        old_inputs: Mapping[str, Any],
        news: Mapping[str, Any],
        ignore: Sequence[str] = (),
    ) -> Difference:
        """Compare what stands with what is wanted."""
        with self._lock:
            self._standing[urn] = id_
        before, after = _spoken(old_inputs), _spoken(news)
        changes = {
            path: kind
            for path, kind in _changes(before, after, "").items()
            if not any(path == ignored or path.startswith((f"{ignored}.", f"{ignored}[")) for ignored in ignore)
        }
        replacing = knowledge.replaces(type_)
        replaces = tuple(path for path in changes if _indexless(path, replacing))
        return Difference(changes, replaces, bool(replaces) and self._holds_its_name(type_, before, after, news))

    def create(
        self, urn: str, type_: str, inputs: Mapping[str, Any], *, preview: bool = False
    ) -> tuple[str, dict[str, Any]]:
        """Bring a resource up.

        Returns:
            Its id and outputs; in a preview no id, and UNKNOWN for what only the cloud could say.

        Raises:
            Refused: as the cloud would.
            Outage: when it stands in a dark place.
        """
        plain = unwrapped(inputs)
        place = self.service.place(type_, plain)
        if preview:
            return "", self._previewed(urn, type_, inputs)
        self._reach(place.control, place.zones)
        references.judge_create(self._world, type_, plain, place)
        salt = self._standing.get(urn, "")
        id_ = self.service.identify(urn, type_, plain, salt)
        outputs = self._outputs(urn, type_, id_, plain, {})
        if not self.service.remembers:
            return id_, _spoken_first(type_, outputs, inputs)
        resource = Resource(
            provider=self.package,
            type=type_,
            id=id_,
            urn=urn,
            account=place.account,
            region=place.region,
            name=self._name(type_, plain),
            inputs=plain,
            outputs=outputs,
            claim=self.service.claim(type_, plain),
        )
        try:
            self._world.create(resource)
        except NameTaken as taken:
            raise Refused(_taken(type_, taken.holder, self.service.scope(type_))) from None
        if (mirror := self._mirror_of(type_)) is not None:
            resource = self._made_for_real(mirror, resource)
        return resource.id, _spoken_first(type_, resource.outputs, inputs)

    def read(
        self, urn: str, type_: str, id_: str, state: Mapping[str, Any], inputs: Mapping[str, Any]
    ) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """What stands now: outputs and inputs, None when it is gone.

        Raises:
            Outage: when it stands in a dark place.
        """
        plain = unwrapped(inputs) or unwrapped(state)
        place = self.service.place(type_, plain)
        self._reach(place.region or None, place.zones)
        if not self.service.remembers:
            return dict(state), dict(inputs)
        found = self._world.find(type_, id_, place.region, place.account)
        if found is None:
            return None
        if (mirror := self._mirror_of(type_)) is not None:
            looked = mirror.look(type_, id_, found.inputs, found.region)
            if looked is None:
                return None
            found = replace(found, outputs={**found.outputs, **looked})
            # What a switchover changed shows in the inputs too, where the program had said it.
            inputs = {key: looked.get(key, value) for key, value in inputs.items()}
        outputs = _spoken_first(type_, dict(found.outputs), {**inputs} if inputs else found.inputs)
        return _secrets_kept(outputs, state), dict(inputs) if inputs else dict(found.inputs)

    def update(
        self,
        urn: str,
        type_: str,
        id_: str,
        olds: Mapping[str, Any],
        news: Mapping[str, Any],
        *,
        preview: bool = False,
    ) -> dict[str, Any]:
        """Change a resource in place.

        Raises:
            Refused: as the cloud would, also when the resource is gone.
            Outage: when it stands in a dark place.
        """
        plain, before = unwrapped(news), unwrapped(olds)
        place = self.service.place(type_, plain)
        if preview:
            return self._previewed(urn, type_, news, before, id_)
        self._reach(place.control, place.zones)
        if not self.service.remembers:
            return _spoken_first(type_, self._outputs(urn, type_, id_, plain, before), news)
        found = self._world.find(type_, id_, place.region, place.account)
        if found is None:
            raise Refused(f"NotFound: {type_.rpartition(':')[2]} {id_} does not exist; `pulumi refresh` removes it")
        references.judge_create(self._world, type_, plain, place)
        outputs = self._outputs(urn, type_, id_, plain, before)
        changed = replace(
            found,
            urn=urn,
            name=self._name(type_, plain),
            inputs=plain,
            outputs=outputs,
            claim=self.service.claim(type_, plain),
        )
        try:
            self._world.update(changed)
        except NameTaken as taken:
            raise Refused(_taken(type_, taken.holder, self.service.scope(type_))) from None
        if (mirror := self._mirror_of(type_)) is not None:
            mirror.change(type_, id_, plain, place.region)
        return _spoken_first(type_, outputs, news)

    def delete(self, urn: str, type_: str, id_: str, state: Mapping[str, Any]) -> None:
        """Remove a resource; one that is gone already is no error.

        Raises:
            Refused: while something else still needs it.
            Outage: when it stands in a dark place.
        """
        place = self.service.place(type_, unwrapped(state))
        self._reach(place.control, place.zones)
        found = self._world.find(type_, id_, place.region, place.account)
        if found is None:
            return
        references.judge_delete(self._world, found)
        for gone in (*references.taken_along(self._world, found), found):
            if (mirror := self._mirror_of(gone.type)) is not None:
                mirror.remove(gone.type, gone.id, gone.inputs, gone.region)
            self._world.delete(gone)

    def invoke(self, token: str, args: Mapping[str, Any]) -> dict[str, Any]:
        """Answer a data source.

        Raises:
            NotSimulated: for one that the sandbox has no answer to.
            Refused: as the cloud would.
        """
        plain = unwrapped(args)
        place = self.service.place(token, plain)
        self._reach(place.region or place.control, ())
        return answer(self.service, self._world, token, plain)

    def _mirror_of(self, type_: str) -> Mirror | None:
        """Where resources of a type stand for real too, if anywhere."""
        return self._mirror if self._mirror is not None and self._mirror.mirrors(type_) else None

    def _made_for_real(self, mirror: Mirror, resource: Resource) -> Resource:
        """Make it in the local AWS too, and know it by the id it got there."""
        try:
            real = mirror.make(resource.type, resource.id, resource.inputs, resource.region)
        except Refused:
            self._world.delete(resource)
            raise
        id_ = str(real.pop("id", resource.id))
        outputs = self._outputs(resource.urn, resource.type, id_, resource.inputs, {}) | real
        known = replace(resource, id=id_, outputs=outputs, claim=self.service.claim(resource.type, resource.inputs))
        if id_ != resource.id:
            self._world.delete(resource)
        self._world.update(known)
        return known

    def _refusals(self, planned: Planned, before: Mapping[str, Any]) -> list[Failure]:
        others = [other for urn, other in self._planned.items() if urn != planned.urn]
        holder = self._world.holder(planned.claim) if planned.claim else None
        # What stands already has its name, perhaps under another URN.
        renamed = not before or self.service.claim(planned.type, before) != planned.claim
        standing = [holder] if holder is not None and renamed else []
        failures = rules.name_refusals(
            planned,
            others,
            self._beside_plan(planned, standing),
            property_=self.service.name_property(planned.type) or "",
            scope=self.service.scope(planned.type),
        )
        if self.package == "aws":
            neighbours = self._beside_plan(planned, self._world.resources(*rules.NEIGHBOURS.get(planned.type, ())))
            failures += rules.judge(planned, others, neighbours, before)
        return failures

    def _beside_plan(self, planned: Planned, standing: Sequence[Resource]) -> list[Planned]:
        return [
            Planned(found.urn, found.type, found.inputs, self._place_of(found), found.claim, found.id)
            for found in standing
            if found.urn != planned.urn and found.urn not in self._planned
        ]

    def _place_of(self, resource: Resource) -> Place:
        return Place(resource.region, resource.account, control=resource.region or None)

    def _previewed(
        self,
        urn: str,
        type_: str,
        inputs: Mapping[str, Any],
        before: Mapping[str, Any] | None = None,
        id_: str = "",
    ) -> dict[str, Any]:
        plain = unwrapped(inputs)
        if before is None:
            provisional = self.service.identify(urn, type_, _provisional(plain), "")
            made = self._outputs(urn, type_, provisional, _provisional(plain), {})
            shown = _masked(made, plain)
        else:
            made = self._outputs(urn, type_, id_, _provisional(plain), before)
            # What a change in place would alter is not known before; everything else stays.
            shown = {
                key: before[key] if before.get(key) == value and key not in plain else value
                for key, value in _masked(made, plain).items()
            }
            shown |= {key: before[key] for key in made if key in before and before[key] == made[key]}
        return _spoken_first(type_, shown, inputs)

    def _outputs(
        self, urn: str, type_: str, id_: str, inputs: Mapping[str, Any], olds: Mapping[str, Any]
    ) -> dict[str, Any]:
        made = self.service.outputs(urn, type_, id_, inputs, olds)
        echoed = {key: value for key, value in inputs.items() if not key.startswith("__") and value is not None}
        whole = _overlaid(made, echoed)
        if "tagsAll" in made:
            whole["tagsAll"] = made["tagsAll"]
        for key, hint in knowledge.output_types(type_).items():
            if key not in whole and key not in inputs_of(type_):
                whole[key] = _made_up(hint, key, id_)
        return whole

    def _name(self, type_: str, inputs: Mapping[str, Any]) -> str:
        value = inputs.get(self.service.name_property(type_) or "")
        return value if isinstance(value, str) else ""

    def _holds_its_name(
        self, type_: str, before: Mapping[str, Any], after: Mapping[str, Any], checked: Mapping[str, Any]
    ) -> bool:
        """Whether old and new would fight over a name that the program itself chose."""
        claim = self.service.claim(type_, before)
        chosen = self.service.name_property(type_) not in (checked.get("__defaults") or [])
        return chosen and claim is not None and claim == self.service.claim(type_, after)

    def _reach(self, control: str | None, zones: Sequence[str]) -> None:
        darkened = self._world.darkened()
        for place in (control, *zones):
            if place is not None and place in darkened:
                if self._wait is not None:
                    self._wait(1.0)
                raise Outage(
                    f"RequestError: send request failed: {self.package} in {place}: dial tcp: i/o timeout "
                    f"({place} is dark in this sandbox; `python -m sandbox light {place}` ends it)"
                )


def _service(package: str) -> Service:
    match package:
        case "aws":
            return Aws()
        case "kubernetes":
            return Kubernetes()
        case "random":
            return Chance()
        case _:
            return Elsewhere()


def _config(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Provider inputs with the JSON undone that the SDKs put around everything that is not a string."""
    return {
        key: json.loads(value)
        if isinstance(value, str) and value.startswith(("[", "{")) and key != "kubeconfig"
        else value
        for key, value in inputs.items()
    }


def _spoken(inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in unwrapped(inputs).items() if not key.startswith("__") and value is not None}


def _once(failures: Sequence[Failure]) -> list[Failure]:
    """One failure a property: the first says most."""
    by_property: dict[str, Failure] = {}
    for failure in failures:
        by_property.setdefault(failure.property or failure.reason, failure)
    return list(by_property.values())


def _taken(type_: str, holder: Resource, scope: str) -> str:
    kind = type_.rpartition(":")[2]
    name = holder.name or holder.id
    return f"{kind}AlreadyExists: {name!r} is taken {scope} by {holder.urn}"


def _overlaid(made: Any, given: Any) -> Any:
    """What was given, completed by what was made, at any depth."""
    if isinstance(made, Mapping) and isinstance(given, Mapping):
        left, right = cast(Mapping[str, Any], made), cast(Mapping[str, Any], given)
        return {**left, **{key: _overlaid(left.get(key), value) for key, value in right.items()}}
    return cast(Any, made if given is None else given)


def _masked(made: Any, given: Any) -> Any:
    """What was given, and UNKNOWN for everything beside it that only the cloud can say."""
    if isinstance(made, Mapping) and isinstance(given, Mapping):
        left, right = cast(Mapping[str, Any], made), cast(Mapping[str, Any], given)
        return {
            key: value
            if key in _KNOWN_AT_PREVIEW and not has_unknown(right.get(key))
            else _masked(value, right.get(key))
            for key, value in left.items()
        }
    return UNKNOWN if given is None else given


def _provisional(value: Any) -> Any:
    """The same value with nothing unknown in it, to compute shapes from."""
    if value is UNKNOWN:
        return "unknown"
    if isinstance(value, Mapping):
        return {key: _provisional(item) for key, item in cast(Mapping[str, Any], value).items()}
    if isinstance(value, list):
        return [_provisional(item) for item in cast(list[Any], value)]
    return value


def _spoken_first(type_: str, outputs: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Outputs with the inputs' secrets, and those that the provider itself calls secret, wrapped."""
    shown = _secrets_kept(outputs, inputs)
    for key in SECRET_OUTPUTS.get(type_, ()):
        if key in shown and shown[key] is not None and not isinstance(shown[key], Secret):
            shown[key] = Secret(shown[key])
    return shown


def _secrets_kept(outputs: Mapping[str, Any], source: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: _rewrapped(value, source[key]) if key in source and has_secret(source[key]) else value
        for key, value in outputs.items()
    }


def _rewrapped(value: Any, source: Any) -> Any:
    if isinstance(source, Secret):
        return value if isinstance(value, Secret) else Secret(value)
    if isinstance(value, Mapping) and isinstance(source, Mapping):
        found = cast(Mapping[str, Any], source)
        return {k: _rewrapped(v, found.get(k)) for k, v in cast(Mapping[str, Any], value).items()}
    if isinstance(value, list) and isinstance(source, list):
        items, sources = cast(list[Any], value), cast(list[Any], source)
        if len(items) == len(sources):
            return [_rewrapped(item, from_) for item, from_ in zip(items, sources, strict=True)]
    return cast(Any, value)


def _changes(before: Any, after: Any, path: str) -> dict[str, str]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        left, right = cast(Mapping[str, Any], before), cast(Mapping[str, Any], after)
        found: dict[str, str] = {}
        for key in dict.fromkeys([*left, *right]):
            found |= _changes(left.get(key), right.get(key), f"{path}.{key}" if path else key)
        return found
    if isinstance(before, list) and isinstance(after, list):
        olds, news = cast(list[Any], before), cast(list[Any], after)
        found = {}
        for position in range(max(len(olds), len(news))):
            old = olds[position] if position < len(olds) else None
            new = news[position] if position < len(news) else None
            found |= _changes(old, new, f"{path}[{position}]")
        return found
    if before == after and type(cast(Any, before)) is type(after):
        return {}
    if before is None:
        return {path: "add"}
    if after is None:
        return {path: "delete"}
    return {path: "update"}


def _indexless(path: str, replacing: frozenset[str]) -> bool:
    """Whether a changed path is, or is inside, a property that replaces."""
    plain = "".join(part.partition("]")[2] if part.partition("]")[1] else part for part in path.split("["))
    parts = plain.split(".")
    return any(".".join(parts[:length]) in replacing for length in range(1, len(parts) + 1))


def _made_up(hint: Any, key: str, id_: str) -> Any:
    """Something of the right type for an output that nothing is known of."""
    if hint is str:
        return f"{key}-{id_}"[:64]
    if hint is bool:
        return False
    if hint in (int, float):
        return 0
    origin = getattr(hint, "__origin__", None)
    if origin is not None and issubclass(cast(type, origin), Mapping):
        return {}
    if origin is not None:
        return []
    return None
