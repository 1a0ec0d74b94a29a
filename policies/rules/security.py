"""Rights and ways in: nobody has all of them, nothing that holds data is open, and secrets outlive their region."""

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase

from policies.addresses import everyone, network, private
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
    "aws:iam/policyAttachment:PolicyAttachment",
    "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive",
    "aws:iam/userPolicyAttachmentsExclusive:UserPolicyAttachmentsExclusive",
    "aws:iam/groupPolicyAttachmentsExclusive:GroupPolicyAttachmentsExclusive",
)
POLICIES = (
    "aws:iam/policy:Policy",
    "aws:iam/rolePolicy:RolePolicy",
    "aws:iam/userPolicy:UserPolicy",
    "aws:iam/groupPolicy:GroupPolicy",
)
ESCALATING = (
    *("iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion", "iam:PassRole", "iam:CreateAccessKey"),
    *("iam:CreateLoginProfile", "iam:UpdateLoginProfile", "iam:AttachUserPolicy", "iam:AttachGroupPolicy"),
    *("iam:AttachRolePolicy", "iam:PutUserPolicy", "iam:PutGroupPolicy", "iam:PutRolePolicy", "iam:AddUserToGroup"),
    *("iam:UpdateAssumeRolePolicy", "sts:AssumeRole", "lambda:UpdateFunctionCode"),
)
"""Actions that, on everything, are the right to give oneself any other: Rhino Security Labs, "AWS IAM Privilege
Escalation - Methods and Mitigation" (2018)."""
CONFINING = ("aws:resourcetag/", "iam:resourcetag/", "iam:permissionsboundary", "iam:policyarn")
"""How condition keys begin that say which resources an escalating action is for: Service Authorization Reference."""
GUARDED = {
    "aws:s3/bucketPolicy:BucketPolicy": "policy",
    "aws:s3control/accessPointPolicy:AccessPointPolicy": "policy",
    "aws:sqs/queue:Queue": "policy",
    "aws:sqs/queuePolicy:QueuePolicy": "policy",
    "aws:sns/topic:Topic": "policy",
    "aws:sns/topicPolicy:TopicPolicy": "policy",
    "aws:kms/key:Key": "policy",
    "aws:kms/replicaKey:ReplicaKey": "policy",
    "aws:kms/keyPolicy:KeyPolicy": "policy",
    SECRET: "policy",
    "aws:secretsmanager/secretPolicy:SecretPolicy": "policy",
    "aws:backup/vaultPolicy:VaultPolicy": "policy",
    "aws:ecr/registryPolicy:RegistryPolicy": "policy",
    "aws:ecr/repositoryPolicy:RepositoryPolicy": "policy",
    "aws:efs/fileSystemPolicy:FileSystemPolicy": "policy",
    "aws:dynamodb/resourcePolicy:ResourcePolicy": "policy",
    "aws:cloudwatch/eventBusPolicy:EventBusPolicy": "policy",
    "aws:opensearch/domain:Domain": "accessPolicies",
    "aws:opensearch/domainPolicy:DomainPolicy": "accessPolicies",
    "aws:elasticsearch/domain:Domain": "accessPolicies",
    "aws:elasticsearch/domainPolicy:DomainPolicy": "accessPolicies",
    ROLE: "assumeRolePolicy",
}
"""What has a policy that says who may use it, and the property that it stands in."""
PERMISSION = "aws:lambda/permission:Permission"
"""Says the same of a function in properties of its own."""
NARROWING = {
    *("aws:sourceaccount", "aws:sourcearn", "aws:sourceowner", "aws:sourceorgid", "aws:sourceorgpaths"),
    *("aws:sourcevpc", "aws:sourcevpce", "aws:sourcevpcarn", "aws:vpceaccount", "aws:vpceorgid", "aws:vpceorgpaths"),
    *("aws:principalaccount", "aws:principalarn", "aws:principalorgid", "aws:principalorgpaths"),
    *("kms:calleraccount", "s3:dataaccesspointaccount", "s3:dataaccesspointarn"),
}
"""Condition keys that make everybody somebody, with values that do: IAM User Guide, "AWS global condition context
keys"."""
ADDRESSES = {"aws:sourceip", "aws:vpcsourceip"}
MOUNTED = "elasticfilesystem:accessedviamounttarget"
"""True, it leaves who reaches a mount target, and that is a security group's: EFS User Guide, "Blocking public
access"."""
COMPARING = re.compile(r"(foranyvalue:)?(string(equals|equalsignorecase|like)|arn(equals|like))")
"""Operators that a request without the key does not pass: IAM User Guide, "IAM JSON policy elements: Condition
operators". ``ForAllValues:`` and ``IfExists`` let it pass."""
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
    why="A pod that is broken into has its role's rights: with a wildcard on a wildcard, it has both regions."
    " In March 2019 whoever got the credentials of one role at Capital One copied the data of 106 million people "
    "with them.",
    fix="name the actions, and the resources by ARN; for actions that know no resources, name each action",
    severity=Severity.HIGH,
    scope=Scope.RESOURCE,
    types=[*POLICIES, ROLE, *ATTACHMENTS],
    frameworks=["AWS FSBP IAM.1", "AWS FSBP IAM.21", "CIS AWS Foundations v5.0.0 1.15"],
    known_late=True,
)
def no_wildcards(resource: Resource, _: Graph, __: Options) -> Verdicts:
    """Look at actions of statements on all resources, and for AWS' own policies of that kind, however attached."""
    if resource.type in ATTACHMENTS:
        arn = resource.read("policyArn")
        for read in resource.read("policyArns").each() if arn.missing else [arn]:
            yield _attached(read)
        return
    documents = [resource.read("policy")]
    if resource.type == ROLE:
        documents = [each.field("policy") for each in resource.read("inlinePolicies").each()]
        for read in resource.read("managedPolicyArns").each():
            yield _attached(read)
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
    " source takes messages, and gives data, from any other's, and a role is anybody's to take on.",
    fix="name principals, or give a condition on aws:SourceAccount, aws:SourceArn or kms:CallerAccount whose values"
    " are no wildcards",
    severity=Severity.CRITICAL,
    scope=Scope.RESOURCE,
    types=[*GUARDED, PERMISSION],
    frameworks=["AWS FSBP KMS.5", "AWS FSBP Lambda.1", "AWS FSBP SNS.4", "AWS FSBP SQS.3"],
    known_late=True,
)
def nobody_unnamed(resource: Resource, _: Graph, __: Options) -> Verdicts:
    """Look for statements that allow everybody, without a condition that says who that is."""
    if resource.type == PERMISSION:
        yield _permitted(resource)
        return
    if not resource.read("vpcOptions").missing:
        yield passes("it is reached from inside its VPC only: there its security groups say who")
        return
    document = resource.read(GUARDED[resource.type])
    given = statements(document)
    if given is None:
        yield unproven(f"{document.path} is not known yet", document.path)
    for number, statement in enumerate(given or []):
        yield _opened(statement, f"statement {number + 1}")


@rule(
    "SEC-05",
    title="What holds data is reached from inside only",
    why="A port that is open to addresses outside is tried from there, whatever listens on it."
    " Wiz found DeepSeek's database open to everyone, with chats and keys in it, within minutes (published "
    "2025-01-29).",
    fix="referenced_security_group_id of the clients' group (components: admit_group), or a private network",
    severity=Severity.CRITICAL,
    scope=Scope.STACK,
    types=tuple(STORES),
)
def inside_only(store: Resource, graph: Graph, _: Options) -> Verdicts:
    """Look at every rule of its security groups; the VPC's default one admits itself alone."""
    property_ = STORES[store.type]
    groups, given = graph.targets(store, property_, SECURITY_GROUP), store.read(property_)
    # A list that is unknown as a whole names some of those that it was computed from.
    if len(given.each()) > len(groups):
        yield unproven(f"{property_} leads to {len(groups) or 'no'} security groups in view, and names others")
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


def _attached(arn: Read) -> Verdict:
    """Judge one of AWS' own policies by its name; one of the program's own is judged by itself, once it is known."""
    if not arn.known:
        return unproven(f"{arn.path} is not known yet", arn.path)
    name = str(arn.content).rpartition("/")[2]
    broad = name.startswith(("AdministratorAccess", "PowerUserAccess")) or name.endswith("FullAccess")
    if ":aws:policy/" in str(arn.content) and broad:
        return fails(f"{name} allows everything of a service or more", arn.path)
    return passes(f"{arn.path} is {name}")


def _limited(statement: Read, where: str) -> Verdict:
    if statement.field("Effect").content == "Deny":
        return passes(f"{where} denies")
    action, resource = statement.field("Action"), statement.field("Resource")
    resources, rest = texts(resource), not statement.field("NotResource").missing
    all_of = rest or any(_everything(each) for each in resources)
    all_of_a_kind = all_of or any(re.fullmatch(r"arn:.*:[a-z-]+[/:]\*+", each) for each in resources)
    broad = [each for each in texts(action) if not each.partition(":")[2].strip("*") and each.endswith("*")]
    broad += [] if statement.field("NotAction").missing else ["whatever it does not name"]
    escalating = [each for each in texts(action) if any(_matches(known, each) for known in ESCALATING)]
    if all_of and broad:
        return fails(f"{where} allows {broad[0]} on everything")
    if all_of_a_kind and escalating and not _confined(statement):
        return fails(f"{where} allows {escalating[0]} on everything, and so to give oneself any right")
    unknown = next((each for read in (action, resource) for each in (read, *read.each()) if each.unknown), None)
    if unknown is not None:
        return unproven(f"{unknown.path} of {where} is not known yet")
    return passes(f"{where} is limited")


def _everything(resource: str) -> bool:
    """Whether an ARN, or the beginning of one, has nothing but wildcards where the resource's name stands."""
    return not resource.split(":", 5)[-1].strip("*?/:")


def _matches(action: str, pattern: str) -> bool:
    return fnmatchcase(action.lower(), pattern.lower())


def _confined(statement: Read) -> bool:
    """Whether a condition says which resources are meant."""
    return any(
        COMPARING.fullmatch(operator.lower())
        and key.lower().startswith(CONFINING)
        and all(text.strip("*?") for text in texts(values))
        for operator, keys in statement.field("Condition").fields().items()
        for key, values in keys.fields().items()
    )


def _opened(statement: Read, where: str) -> Verdict:
    """Judge whom a statement allows something."""
    if statement.field("Effect").content == "Deny":
        return passes(f"{where} denies")
    principal = statement.field("Principal")
    named = [principal, *principal.fields().values()]
    everybody = not statement.field("NotPrincipal").missing or any("*" in texts(each) for each in named)
    unknown = [each for read in named for each in (read, *read.each()) if each.unknown]
    if not everybody:
        return unproven(f"{unknown[0].path} of {where} is not known yet") if unknown else passes(f"{where} names who")
    narrowed = [
        _narrows(operator.lower(), key.lower(), values)
        for operator, keys in statement.field("Condition").fields().items()
        for key, values in keys.fields().items()
    ]
    if True in narrowed:
        return passes(f"{where} names who, by a condition")
    if None in narrowed:
        return unproven(f"a condition of {where}, which allows everybody, is not known yet")
    return fails(f"{where} allows everybody {', '.join(texts(statement.field('Action')))}")


def _narrows(operator: str, key: str, values: Read) -> bool | None:
    """Whether a condition makes everybody somebody; None if its values are not known."""
    if key == MOUNTED:
        return operator == "bool" and [text.lower() for text in texts(values)] == ["true"]
    by_address = key in ADDRESSES and operator == "ipaddress"
    if not by_address and not (key in NARROWING and COMPARING.fullmatch(operator)):
        return False
    if any(each.unknown for each in (values, *values.each())):
        return None
    if by_address:
        networks = [network(each) for each in values.each() or [values]]
        known = [each for each in networks if each is not None]
        return len(known) == len(networks) and not everyone(known)
    return bool(texts(values)) and all(_says_who(text) for text in texts(values))


def _says_who(text: str) -> bool:
    """Whether a value is one account, organisation, network or resource, or a pattern inside of one."""
    if text.startswith("arn:"):
        # A bucket's ARN has no account; its name is nobody else's.
        account, resource = [*text.split(":", 5), "*"][4:6] if text.count(":") >= 5 else ("*", "*")
        return bool(account.strip("*?")) or bool(resource.partition("*")[0])
    # Everything before a wildcard must be whole: o-* is any organisation, and 1* any account.
    before = re.split(r"[*?]", text)[0]
    return before == text or re.match(r"o-[a-z0-9]{10,}/", before) is not None


def _permitted(permission: Resource) -> Verdict:
    """Judge whom a function's permission lets call it."""
    principal = permission.read("principal")
    if principal.unknown:
        return unproven("principal is not known yet", "principal")
    if principal.content != "*":
        return passes(f"principal is {principal.shown()}")
    reads = [permission.read(name) for name in ("sourceAccount", "sourceArn", "principalOrgId")]
    if any(read.known and _says_who(str(read.content)) for read in reads):
        return passes("principal is everybody of one account, resource or organization")
    hidden = next((read for read in reads if read.unknown), None)
    if hidden is not None:
        return unproven(f"principal is everybody, and {hidden.path} not known yet", hidden.path)
    return fails(f"it allows everybody {permission.read('action').shown()}", "principal")


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
        given = network(read)
        if given is None:
            yield unproven(f"{read.path} of {resource.name} is no network that is known")
        elif private(given):
            yield passes(f"{resource.name} lets in {given}")
        else:
            yield fails(f"{resource.name} lets in {given}, which is not private")
