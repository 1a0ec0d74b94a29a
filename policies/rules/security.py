"""Rights and ways in: nobody has all of them, nothing that holds data is open, and secrets outlive their region."""

from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network, ip_network

from policies.documents import statements, texts
from policies.registry import Option, Options, Scope, Severity, Verdict, Verdicts, fails, holds, passes, rule, unproven
from resilience.graph import Graph, Read, Resource

SECRET = "aws:secretsmanager/secret:Secret"  # noqa: S105 (a type)
SECRET_VERSION = "aws:secretsmanager/secretVersion:SecretVersion"  # noqa: S105 (a type)
CACHES = ("aws:elasticache/replicationGroup:ReplicationGroup", "aws:elasticache/serverlessCache:ServerlessCache")
CACHE_USER = "aws:elasticache/user:User"
PASSWORD = "random:index/randomPassword:RandomPassword"  # noqa: S105 (a type)
PULL_THROUGH = "ecr-pullthroughcache/"
"""How names of secrets begin that ECR caches images with; each region caches for itself: ECR User Guide, "Creating a
pull through cache rule"."""
ROLE = "aws:iam/role:Role"
ATTACHMENTS = (
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    "aws:iam/userPolicyAttachment:UserPolicyAttachment",
    "aws:iam/groupPolicyAttachment:GroupPolicyAttachment",
)
POLICIES = (
    "aws:iam/policy:Policy",
    "aws:iam/rolePolicy:RolePolicy",
    "aws:iam/userPolicy:UserPolicy",
    "aws:iam/groupPolicy:GroupPolicy",
)
GUARDED = (
    "aws:s3/bucketPolicy:BucketPolicy",
    "aws:sqs/queue:Queue",
    "aws:sqs/queuePolicy:QueuePolicy",
    "aws:sns/topic:Topic",
    "aws:sns/topicPolicy:TopicPolicy",
    "aws:kms/key:Key",
    "aws:kms/replicaKey:ReplicaKey",
    "aws:kms/keyPolicy:KeyPolicy",
    "aws:secretsmanager/secretPolicy:SecretPolicy",
    "aws:backup/vaultPolicy:VaultPolicy",
    "aws:ecr/registryPolicy:RegistryPolicy",
    "aws:ecr/repositoryPolicy:RepositoryPolicy",
)
"""Whose ``policy`` says who may use it."""
NARROWING = {
    *("aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourcevpc", "aws:sourcevpce"),
    *("aws:principalaccount", "aws:principalarn", "aws:principalorgid", "aws:principalorgpaths"),
    *("kms:calleraccount", "kms:grantisforawsresource"),
}
"""Condition keys that make everybody somebody: IAM User Guide, "AWS global condition context keys"."""
SECURITY_GROUP = "aws:ec2/securityGroup:SecurityGroup"
INGRESS_RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
OLD_RULE = "aws:ec2/securityGroupRule:SecurityGroupRule"
STORES = {
    "aws:rds/cluster:Cluster": "vpcSecurityGroupIds",
    "aws:rds/instance:Instance": "vpcSecurityGroupIds",
    "aws:rds/proxy:Proxy": "vpcSecurityGroupIds",
    "aws:elasticache/replicationGroup:ReplicationGroup": "securityGroupIds",
    "aws:efs/mountTarget:MountTarget": "securityGroups",
}
"""What holds data or leads to it, and where it names its security groups."""
PRIVATE = [ip_network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")]
"""RFC 1918, RFC 6598 (EKS takes it for pods) and RFC 4193."""


@rule(
    "SEC-01",
    title="A secret is in both regions",
    why="A password in one region alone is gone with it: the database is there, and nobody can sign in.",
    fix="replicas=[aws.secretsmanager.SecretReplicaArgs(region=...)] (components: Credential.replicas)",
    severity=Severity.HIGH,
    scope=Scope.STACK,
    types=[SECRET],
)
def in_both_regions(secret: Resource, graph: Graph, _: Options) -> Verdicts:
    """Find a copy in another region, but for what is of use in this one alone."""
    own, copies = graph.region(secret), [each.field("region") for each in secret.read("replicas").each()]
    if any(own.known and read.known and read.content != own.content for read in copies):
        yield passes(f"its copies: {', '.join(sorted(str(read.content) for read in copies))}")
    elif str(secret.read("name").content or "").startswith(PULL_THROUGH):
        yield passes("each region caches images with a secret of its own")
    elif _of_a_cache(secret, graph):
        yield passes("it opens a cache of this region, which the other does not know")
    elif not own.known or any(read.unknown for read in copies):
        yield unproven("the region of a copy, or its own, is not known yet")
    else:
        yield fails(f"replicas is {secret.read('replicas').shown()}; there must be one in another region")


@rule(
    "SEC-02",
    title="A deleted secret can be called back",
    why="Deleted at once, a password is gone before anyone learns that it was still in use.",
    fix="leave recovery_window_in_days of aws.secretsmanager.Secret out, or at 7 or more",
    severity=Severity.MEDIUM,
    scope=Scope.RESOURCE,
    types=[SECRET],
    options={"minDays": Option(7, 7, 30, "Days that a deleted secret can be called back.")},
)
def recovery_window(secret: Resource, _: Graph, options: Options) -> Verdicts:
    """Compare the days with what is wanted; AWS waits thirty by default."""
    days = options["minDays"]
    yield holds(secret.read("recoveryWindowInDays"), lambda wait: wait >= days, f"at least {days}", default=30)


@rule(
    "SEC-03",
    title="Nobody may do everything to everything",
    why="A pod that is broken into has its role's rights: with a wildcard on a wildcard, it has both regions.",
    fix="name the actions, and the resources by ARN; for actions that know no resources, name each action",
    severity=Severity.HIGH,
    scope=Scope.RESOURCE,
    types=[*POLICIES, ROLE, *ATTACHMENTS],
    frameworks=["AWS FSBP IAM.1", "AWS FSBP IAM.21"],
    known_late=True,
)
def no_wildcards(resource: Resource, _: Graph, __: Options) -> Verdicts:
    """Look for wildcards in actions of statements on all resources, and for AWS' own policies of that kind."""
    if resource.type in ATTACHMENTS:
        # One of the program's own may not be known yet, and is judged by itself.
        arn = str(resource.read("policyArn").content)
        name = arn.rpartition("/")[2]
        if ":aws:policy/" in arn and _broad(name):
            yield fails(f"{name} allows everything of a service or more")
        else:
            yield passes(f"policyArn is {name}")
        return
    documents = [resource.read("policy")]
    if resource.type == ROLE:
        documents = [each.field("policy") for each in resource.read("inlinePolicies").each()]
    for document in documents:
        given = statements(document)
        if given is None:
            yield unproven(f"{document.path} is not known yet")
        for number, statement in enumerate(given or []):
            yield _limited(statement, f"statement {number + 1} of {document.path}")


@rule(
    "SEC-04",
    title="Nothing is everybody's to use",
    why="A policy for everybody is one for every account of AWS: a queue, key or bucket that was opened for one event"
    " source takes messages, and gives data, from any other's.",
    fix="name principals, or give a condition on aws:SourceAccount, aws:SourceArn or kms:CallerAccount",
    severity=Severity.CRITICAL,
    scope=Scope.RESOURCE,
    types=GUARDED,
    known_late=True,
)
def nobody_unnamed(resource: Resource, _: Graph, __: Options) -> Verdicts:
    """Look for statements that allow everybody, without a condition that says who that is."""
    given = statements(resource.read("policy"))
    if given is None:
        yield unproven("policy is not known yet")
    for number, statement in enumerate(given or []):
        principal = statement.field("Principal")
        everybody = "*" in [*texts(principal), *texts(principal.field("AWS"))]
        negated = not statement.field("NotPrincipal").missing
        keys = {key.lower() for each in statement.field("Condition").fields().values() for key in each.fields()}
        if statement.field("Effect").content == "Allow" and (everybody or negated) and not keys & NARROWING:
            yield fails(f"statement {number + 1} allows everybody {', '.join(texts(statement.field('Action')))}")
        else:
            yield passes(f"statement {number + 1} names who")


@rule(
    "SEC-05",
    title="What holds data is reached from inside only",
    why="A port that is open to addresses outside is tried from there, whatever listens on it.",
    fix="referenced_security_group_id of the clients' group (components: admit_group), or a private network",
    severity=Severity.CRITICAL,
    scope=Scope.STACK,
    types=tuple(STORES),
)
def inside_only(store: Resource, graph: Graph, _: Options) -> Verdicts:
    """Look at every rule of its security groups; the VPC's default one admits itself alone."""
    property_ = STORES[store.type]
    groups = graph.targets(store, property_, SECURITY_GROUP)
    if not groups and not store.read(property_).missing:
        yield unproven(f"{property_} leads to no security group in view")
    for group in groups:
        for resource in (*graph.referrers(group, INGRESS_RULE, "securityGroupId"), group):
            yield from _sources(resource, group)
        for resource in graph.referrers(group, OLD_RULE, "securityGroupId"):
            if resource.read("type").content != "egress":
                yield from _sources(resource, group)


def _of_a_cache(secret: Resource, graph: Graph) -> bool:
    """Whether a secret's value was computed from a cache's address, or from the password of a user of one."""
    users = {urn for user in graph.of(CACHE_USER) for urn in user.edges.get("authenticationMode", ())}
    return any(
        graph.targets(version, "secretString", *CACHES)
        or any(password.urn in users for password in graph.targets(version, "secretString", PASSWORD))
        for version in graph.referrers(secret, SECRET_VERSION, "secretId")
    )


def _broad(name: str) -> bool:
    """Whether a policy of AWS' own allows everything, of one service at least."""
    return name in ("AdministratorAccess", "PowerUserAccess") or name.endswith("FullAccess")


def _limited(statement: Read, where: str) -> Verdict:
    if statement.field("Effect").content != "Allow":
        return passes(f"{where} denies")
    actions, resources = texts(statement.field("Action")), texts(statement.field("Resource"))
    everywhere = "*" in resources or not statement.field("NotResource").missing
    broad = [action for action in actions if "*" in action]
    broad += [] if statement.field("NotAction").missing else ["whatever it does not name"]
    if everywhere and broad:
        return fails(f"{where} allows {broad[0]} on everything")
    return passes(f"{where} is limited")


def _sources(resource: Resource, group: Resource) -> Iterator[Verdict]:
    """Judge where a rule, or the rules inside a group, let clients in from."""
    if resource is group:
        # What the program does not give, the provider plans as unknown: those are the rules judged beside it.
        if group.read("ingress").unknown and not group.edges.get("ingress"):
            return
        reads = [
            cidr
            for inline in group.read("ingress").each()
            for name in ("cidrBlocks", "ipv6CidrBlocks", "prefixListIds")
            for cidr in inline.field(name).each()
        ]
    else:
        names = ("cidrIpv4", "cidrIpv6", "prefixListId")
        reads = [resource.read(name) for name in names if not resource.read(name).missing]
        reads += [
            each for name in ("cidrBlocks", "ipv6CidrBlocks", "prefixListIds") for each in resource.read(name).each()
        ]
    for read in reads:
        network = _network(read)
        if network is None:
            yield unproven(f"{read.path} of {resource.name} is no network that is known")
        elif any(network.version == own.version and network.subnet_of(own) for own in PRIVATE):  # pyright: ignore[reportArgumentType]
            yield passes(f"{resource.name} lets in {network}")
        else:
            yield fails(f"{resource.name} lets in {network}, which is not private")


def _network(read: Read) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(str(read.content), strict=False)
    except ValueError:
        return None
