"""How a setting is said: its section, its kind, and the mistake in it."""

from collections.abc import Callable
from ipaddress import IPv4Network
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, StringConstraints

PRIVATE_RANGES = tuple(IPv4Network(cidr) for cidr in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
"""RFC 1918. A VPC outside it would shadow somebody's public addresses."""

SUPPORTED_KUBERNETES = ("1.33", "1.34", "1.35")
"""Minor versions that the pinned charts run on. EKS ends standard support of 1.34 on 2 December 2026 and of 1.35 on 27
March 2027; that of 1.33 ended on 29 July 2026 (EKS user guide, "Understand the Kubernetes version lifecycle")."""

LOG_RETENTION_DAYS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
                      3288, 3653)  # fmt: skip
"""Retentions that CloudWatch Logs knows (API reference, PutRetentionPolicy)."""


class Misplaced(ValueError):
    """A mistake found by a rule over several fields, with the place to point at."""

    def __init__(self, path: str, value: object, reason: str) -> None:
        self.path, self.value, self.reason = path, value, reason
        super().__init__(reason)


def say(default: Any = ..., *, unit: str | None = None, costs: str, **limits: Any) -> Any:
    """A field with what the reference says of it."""
    extra: dict[str, JsonValue] = {"costs": costs} if unit is None else {"unit": unit, "costs": costs}
    return Field(default, json_schema_extra=extra, **limits)


def _network(value: str) -> str:
    try:
        IPv4Network(value)
    except ValueError as error:
        raise ValueError(f"must be an IPv4 network such as 10.10.0.0/16 ({error})") from error
    return value


def _vpc_network(value: str) -> str:
    network = IPv4Network(_network(value))
    if not any(network.subnet_of(private) for private in PRIVATE_RANGES):
        raise ValueError("must lie in 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16")
    if network.prefixlen not in (16, 17):
        # Pod subnets are an eighth of the VPC. AWS allows /16 at the most; beyond /17 they would be smaller
        # than /20, too small to take in the pods of a lost zone.
        raise ValueError("must be a /16 or a /17, so that the pods of a lost zone fit into the others")
    return value


def _partial_network(value: str) -> str:
    if IPv4Network(_network(value)).prefixlen == 0:
        raise ValueError("must not be everybody")
    return value


def _one_of(known: tuple[str, ...]) -> Callable[[str], str]:
    def check(value: str) -> str:
        if value not in known:
            raise ValueError(f"must be one of {', '.join(known)}")
        return value

    return check


def _retention(value: int) -> int:
    if value not in LOG_RETENTION_DAYS:
        raise ValueError(f"must be one of {', '.join(map(str, LOG_RETENTION_DAYS))}")
    return value


def all_different(values: list[str]) -> list[str]:
    """Refuse a list that names something twice."""
    repeated = sorted({value for value in values if values.count(value) > 1})
    if repeated:
        raise ValueError(f"must not name {', '.join(repeated)} twice")
    return values


Cidr = Annotated[str, AfterValidator(_network)]
"""IPv4 network in CIDR notation, host bits zero."""
PartialCidr = Annotated[str, AfterValidator(_partial_network)]
"""IPv4 network in CIDR notation, but not the whole internet."""
KubernetesVersion = Annotated[str, AfterValidator(_one_of(SUPPORTED_KUBERNETES))]
"""One of SUPPORTED_KUBERNETES."""
VpcCidr = Annotated[str, AfterValidator(_vpc_network)]
"""Private IPv4 network of a VPC, /16 or /17."""
RetentionDays = Annotated[int, AfterValidator(_retention)]
"""One of LOG_RETENTION_DAYS."""
AccountId = Annotated[str, StringConstraints(pattern=r"^\d{12}$")]
"""AWS account: twelve digits, in quotes (YAML reads leading zeros as a number)."""
RoleArn = Annotated[str, StringConstraints(pattern=r"^arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+$")]
"""ARN of an IAM role."""
SecretName = Annotated[str, StringConstraints(pattern=r"^[\w/+=.@-]+$", max_length=512)]
"""Name of a secret in Secrets Manager."""
RegionName = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[a-z]+)+-\d$")]
"""AWS region such as us-east-1."""
ZoneName = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[a-z]+)+-\d[a-z]$")]
"""Availability zone such as us-east-1a."""
Name = Annotated[str, StringConstraints(pattern=r"^[a-z]([a-z0-9-]*[a-z0-9])?$", min_length=2, max_length=20)]
"""Lower-case letters, digits and inner hyphens, 2 to 20 characters: it becomes part of DNS names and identifiers."""
DomainName = Annotated[
    str, StringConstraints(pattern=r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$", max_length=253)
]
"""Fully qualified domain name, lower case, no final dot."""
EmailAddress = Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]
"""E-mail address."""
InstanceType = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*\.[a-z0-9-]+$")]
"""EC2 instance type such as m7i.xlarge. Whether a region offers it is checked by the provider at preview."""
DatabaseClass = Annotated[str, StringConstraints(pattern=r"^db\.[a-z0-9-]+\.[a-z0-9-]+$")]
"""Aurora instance class such as db.r6g.large. Whether a region offers it is checked by the provider at preview."""
CacheNodeType = Annotated[str, StringConstraints(pattern=r"^cache\.[a-z0-9-]+\.[a-z0-9-]+$")]
"""ElastiCache node type such as cache.r7g.large. Whether a region offers it is checked by the provider at preview."""
PathPattern = Annotated[str, StringConstraints(pattern=r"^/[\w$/.~\"'@:+&*?-]*$", max_length=128)]
"""Path pattern of a load balancer, with ``*`` and ``?``."""
RepositoryName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+([._/-][a-z0-9]+)*$", max_length=200)]
"""Name of an image repository, lower case."""


class Section(BaseModel):
    """A part of the settings: unknown keys are mistakes, values never change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True)


SectionT = TypeVar("SectionT", bound=Section)
