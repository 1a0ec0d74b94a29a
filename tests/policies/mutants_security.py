"""Rules of rights and ways in, by the ways to break them."""

# One mutant a line, or the table cannot be read as one.
# ruff: noqa: E501

import json

from tests.policies.platform import UNKNOWN_TEXT, Mutant, Platform, Thing

ALWAYS: set[str] = set()
"""What nobody can say of one stack alone."""

INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
OWN = "arn:aws:iam::123456789012:root"


def things() -> dict[str, Thing]:
    """What breaks none of them."""
    return {
        "password": Thing(
            "aws:secretsmanager/secret:Secret",
            {"name": "tandem/prefect", "recoveryWindowInDays": 30, "replicas": [{"region": "us-west-2"}]},
            protect=True,
        ),
        "rights": Thing("aws:iam/rolePolicy:RolePolicy", {"policy": allowing("s3:GetObject", "arn:aws:s3:::b/*")}),
        "shared-rights": Thing("aws:iam/policy:Policy", {"policy": allowing("ec2:DescribeSubnets", "*")}),
        "role": Thing("aws:iam/role:Role", {"inlinePolicies": [{"name": "x", "policy": allowing("sqs:*", "arn:q")}]}),
        "attached-rights": Thing(ATTACHMENT, {"policyArn": "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy"}),
        "topic-policy": Thing(
            "aws:sns/topicPolicy:TopicPolicy", {"policy": opening({"Service": "events.amazonaws.com"})}
        ),
        "db-group": Thing("aws:ec2/securityGroup:SecurityGroup", {"description": "PostgreSQL"}),
        "db-from-pods": Thing(
            INGRESS,
            {
                "securityGroupId": UNKNOWN_TEXT,
                "referencedSecurityGroupId": UNKNOWN_TEXT,
                "fromPort": 5432,
                "toPort": 5432,
            },
            {"securityGroupId": ["db-group"]},
        ),
    }


def allowing(action: object, resource: object, effect: str = "Allow", **more: object) -> str:
    """An IAM policy of one statement."""
    statement = {"Effect": effect, "Action": action, "Resource": resource, **more}
    return json.dumps({"Statement": {key: value for key, value in statement.items() if value}})


def opening(principal: object, condition: dict[str, object] | None = None, **more: object) -> str:
    """A resource's policy of one statement."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sns:Publish", "Resource": "*", **more}
    return json.dumps({"Statement": [{**statement, **({"Condition": condition} if condition else {})}]})


def secret_of(platform: Platform, edges: dict[str, list[str]]) -> Platform:
    """Let the secret be of this region alone, with a value computed from these."""
    version = Thing("aws:secretsmanager/secretVersion:SecretVersion", {}, {"secretId": ["password"], **edges})
    return platform.delete("password", "replicas").add("password-value", version)


def user_of(platform: Platform) -> Platform:
    """Add a user of the cache, with a password of its own."""
    platform.add("generated", Thing("random:index/randomPassword:RandomPassword", {}, region=None))
    return platform.add("cache-user", Thing("aws:elasticache/user:User", {}, {"authenticationMode": ["generated"]}))


def admitted(platform: Platform, **props: object) -> Platform:
    """Let more clients into the database."""
    rule = {"securityGroupId": UNKNOWN_TEXT, "fromPort": 443, "toPort": 443, **props}
    return platform.add("db-from-more", Thing(INGRESS, rule, {"securityGroupId": ["db-group"]}))


def guarded(type_: str, policy: object) -> Thing:
    """Something with a policy of its own."""
    return Thing(
        type_, {"policy": policy, "sqsManagedSseEnabled": True, "messageRetentionSeconds": 300, "kmsMasterKeyId": "key"}
    )


MUTANTS: list[Mutant] = [
    # SEC-01
    ("secret in one region", lambda p: p.delete("password", "replicas"), {"SEC-01"}),
    ("secret of no copies", lambda p: p.put("password", "replicas", []), {"SEC-01"}),
    ("secret copied to where it is", lambda p: p.put("password", "replicas", [{"region": "us-east-1"}]), {"SEC-01"}),
    ("secret of a database in one region", lambda p: secret_of(p, {"secretString": ["shell"]}), {"SEC-01"}),
    ("secret of another password than the cache's", lambda p: secret_of(user_of(p).add("other", Thing("random:index/randomPassword:RandomPassword", {}, region=None)), {"secretString": ["other"]}), {"SEC-01"}),
    ("secret's region unknown", lambda p: p.put("password", "region", UNKNOWN_TEXT), {"SEC-01?"}),
    ("secret copied to somewhere", lambda p: p.hide("password", "replicas/0/region"), {"SEC-01?"}),
    # SEC-02
    ("secret deleted at once", lambda p: p.put("password", "recoveryWindowInDays", 0), {"SEC-02"}),
    ("secret deleted in six days", lambda p: p.put("password", "recoveryWindowInDays", 6), {"SEC-02"}),
    ("secret's window as a word", lambda p: p.put("password", "recoveryWindowInDays", "month"), {"SEC-02"}),
    ("secret's window unknown", lambda p: p.hide("password", "recoveryWindowInDays"), {"SEC-02?"}),
    # SEC-03
    ("everything to everything", lambda p: p.put("rights", "policy", allowing("*", "*")), {"SEC-03"}),
    ("all of a service", lambda p: p.put("shared-rights", "policy", allowing(["sts:AssumeRole", "s3:*"], ["*"])), {"SEC-03"}),
    ("everything to every ARN", lambda p: p.put("rights", "policy", allowing("*", "arn:aws:*:*:*:*")), {"SEC-03"}),
    ("everything to what begins like an ARN", lambda p: p.put("rights", "policy", allowing("*:*", "arn:*")), {"SEC-03"}),
    ("all of S3 on every bucket", lambda p: p.put("rights", "policy", allowing("s3:*", ["arn:aws:s3:::*", "arn:aws:s3:::*/*"])), {"SEC-03"}),
    ("any role to be taken on", lambda p: p.put("rights", "policy", allowing("sts:AssumeRole", "*")), {"SEC-03"}),
    ("any role of the account to be taken on", lambda p: p.put("rights", "policy", allowing("sts:AssumeRole", "arn:aws:iam::123456789012:role/*")), {"SEC-03"}),
    ("any role to be passed on", lambda p: p.put("rights", "policy", allowing(["ec2:RunInstances", "iam:passrole"], "*")), {"SEC-03"}),
    ("any policy to be rewritten", lambda p: p.put("shared-rights", "policy", allowing("iam:Create*", "arn:aws:iam::123456789012:policy/*")), {"SEC-03"}),
    ("any role to be passed on, with TLS", lambda p: p.put("rights", "policy", allowing("iam:PassRole", "*", Condition={"Bool": {"aws:SecureTransport": "true"}})), {"SEC-03"}),
    ("any tagged role to be passed on", lambda p: p.put("rights", "policy", allowing("iam:PassRole", "*", Condition={"StringLike": {"aws:ResourceTag/team": "*"}})), {"SEC-03"}),
    ("any role not of a team to be passed on", lambda p: p.put("rights", "policy", allowing("iam:PassRole", "*", Condition={"StringNotEquals": {"aws:ResourceTag/team": "ml"}})), {"SEC-03"}),
    ("AWS' policy for administrators inside a role", lambda p: p.put("role", "managedPolicyArns", ["arn:aws:iam::aws:policy/AdministratorAccess"]), {"SEC-03"}),
    ("AWS' policy for administrators, attached the other way", lambda p: p.add("attached", Thing("aws:iam/policyAttachment:PolicyAttachment", {"policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"})), {"SEC-03"}),
    ("AWS' policy for administrators among all of a role's", lambda p: p.add("attached", Thing("aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive", {"policyArns": ["arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::aws:policy/PowerUserAccess"]})), {"SEC-03"}),
    ("policy that is attached unknown", lambda p: p.hide("attached-rights", "policyArn"), {"SEC-03?"}),
    ("policies inside a role unknown", lambda p: p.put("role", "managedPolicyArns", [UNKNOWN_TEXT]), {"SEC-03?"}),
    ("action unknown", lambda p: p.put("rights", "policy", {"Statement": {"Effect": "Allow", "Action": ["s3:GetObject", UNKNOWN_TEXT], "Resource": "*"}}), {"SEC-03?"}),
    ("resource unknown", lambda p: p.put("rights", "policy", {"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": UNKNOWN_TEXT}}), {"SEC-03?"}),
    ("all but a few", lambda p: p.put("rights", "policy", allowing(None, "*", NotAction="iam:*")), {"SEC-03"}),
    ("everywhere but there", lambda p: p.put("rights", "policy", allowing("s3:*", None, NotResource="arn:aws:s3:::b")), {"SEC-03"}),
    ("everything inside a role", lambda p: p.put("role", "inlinePolicies/0/policy", allowing("sqs:*", "*")), {"SEC-03"}),
    ("AWS' policy for administrators", lambda p: p.put("attached-rights", "policyArn", "arn:aws:iam::aws:policy/AdministratorAccess"), {"SEC-03"}),
    ("AWS' policy for all of S3", lambda p: p.put("attached-rights", "policyArn", "arn:aws:iam::aws:policy/AmazonS3FullAccess"), {"SEC-03"}),
    ("rights unknown", lambda p: p.hide("rights", "policy"), {"SEC-03?"}),
    ("rights that are no document", lambda p: p.put("rights", "policy", "{"), {"SEC-03?"}),
    ("rights inside a role unknown", lambda p: p.hide("role", "inlinePolicies"), {"SEC-03?"}),
    # SEC-04
    ("topic for everybody", lambda p: p.put("topic-policy", "policy", opening("*")), {"SEC-04"}),
    ("topic for every account", lambda p: p.put("topic-policy", "policy", opening({"AWS": "*"})), {"SEC-04"}),
    ("topic for everybody with TLS", lambda p: p.put("topic-policy", "policy", opening("*", {"Bool": {"aws:SecureTransport": "true"}})), {"SEC-04"}),
    ("topic for all but one", lambda p: p.put("topic-policy", "policy", opening(None, NotPrincipal={"AWS": OWN})), {"SEC-04"}),
    ("bucket for everybody", lambda p: p.add("open", guarded("aws:s3/bucketPolicy:BucketPolicy", opening("*"))).point("open", "bucket", "peer"), {"SEC-04"}),
    ("queue for everybody", lambda p: p.add("open", guarded("aws:sqs/queue:Queue", opening("*"))), {"SEC-04"}),
    ("key for everybody", lambda p: p.put("key", "policy", opening("*")), {"SEC-04"}),
    ("topic for everybody of no account", lambda p: p.put("topic-policy", "policy", opening("*", {"StringLike": {"aws:SourceAccount": "*"}})), {"SEC-04"}),
    ("topic for all accounts but one", lambda p: p.put("topic-policy", "policy", opening("*", {"StringNotEquals": {"aws:SourceAccount": "123456789012"}})), {"SEC-04"}),
    ("topic for one account, or who names none", lambda p: p.put("topic-policy", "policy", opening("*", {"StringEqualsIfExists": {"aws:SourceAccount": "123456789012"}})), {"SEC-04"}),
    ("topic for none but one account, or none", lambda p: p.put("topic-policy", "policy", opening("*", {"ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}})), {"SEC-04"}),
    ("topic for everybody that names an account", lambda p: p.put("topic-policy", "policy", opening("*", {"Null": {"aws:SourceAccount": "false"}})), {"SEC-04"}),
    ("topic for any organization", lambda p: p.put("topic-policy", "policy", opening("*", {"StringLike": {"aws:PrincipalOrgID": "o-*"}})), {"SEC-04"}),
    ("topic for one account and any", lambda p: p.put("topic-policy", "policy", opening("*", {"StringLike": {"aws:SourceAccount": ["123456789012", "*"]}})), {"SEC-04"}),
    ("topic for no accounts named", lambda p: p.put("topic-policy", "policy", opening("*", {"StringEquals": {"aws:SourceAccount": []}})), {"SEC-04"}),
    ("topic for accounts that begin alike", lambda p: p.put("topic-policy", "policy", opening("*", {"StringLike": {"aws:SourceAccount": "1*"}})), {"SEC-04"}),
    ("topic for any bucket", lambda p: p.put("topic-policy", "policy", opening("*", {"ArnLike": {"aws:SourceArn": "arn:aws:s3:*:*:*"}})), {"SEC-04"}),
    ("topic for whatever has an ARN", lambda p: p.put("topic-policy", "policy", opening("*", {"ArnLike": {"aws:SourceArn": "arn:*"}})), {"SEC-04"}),
    ("topic for every address", lambda p: p.put("topic-policy", "policy", opening("*", {"IpAddress": {"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"]}})), {"SEC-04"}),
    ("topic for every address but an office's", lambda p: p.put("topic-policy", "policy", opening("*", {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}})), {"SEC-04"}),
    ("topic for addresses that are none", lambda p: p.put("topic-policy", "policy", opening("*", {"IpAddress": {"aws:SourceIp": "office"}})), {"SEC-04"}),
    ("role for everybody", lambda p: p.put("role", "assumeRolePolicy", opening({"AWS": "*"}, Action="sts:AssumeRole")), {"SEC-04"}),
    ("role for everybody with a word", lambda p: p.put("role", "assumeRolePolicy", opening({"AWS": "*"}, {"StringEquals": {"sts:ExternalId": "word"}}, Action="sts:AssumeRole")), {"SEC-04"}),
    ("file system for everybody", lambda p: p.add("open", guarded("aws:efs/fileSystemPolicy:FileSystemPolicy", opening({"AWS": "*"}))), {"SEC-04"}),
    ("file system for everybody not at a mount target", lambda p: p.add("open", guarded("aws:efs/fileSystemPolicy:FileSystemPolicy", opening({"AWS": "*"}, {"Bool": {"elasticfilesystem:AccessedViaMountTarget": "false"}}))), {"SEC-04"}),
    ("search for everybody", lambda p: p.add("open", Thing("aws:opensearch/domain:Domain", {"accessPolicies": opening({"AWS": "*"})}, protect=True)), {"SEC-04"}),
    ("function for everybody", lambda p: p.add("open", Thing("aws:lambda/permission:Permission", {"principal": "*", "action": "lambda:InvokeFunction"})), {"SEC-04"}),
    ("function for everybody's buckets", lambda p: p.add("open", Thing("aws:lambda/permission:Permission", {"principal": "*", "action": "lambda:InvokeFunction", "sourceArn": "arn:aws:s3:::*"})), {"SEC-04"}),
    ("function for whom unknown", lambda p: p.add("open", Thing("aws:lambda/permission:Permission", {"principal": UNKNOWN_TEXT})), {"SEC-04?"}),
    ("function for everybody of what is not known", lambda p: p.add("open", Thing("aws:lambda/permission:Permission", {"principal": "*", "sourceArn": UNKNOWN_TEXT})), {"SEC-04?"}),
    ("topic for whom unknown", lambda p: p.put("topic-policy", "policy", {"Statement": {"Effect": "Allow", "Principal": {"AWS": UNKNOWN_TEXT}, "Action": "sns:Publish"}}), {"SEC-04?"}),
    ("topic for everybody of an account unknown", lambda p: p.put("topic-policy", "policy", {"Statement": {"Effect": "Allow", "Principal": "*", "Action": "sns:Publish", "Condition": {"StringEquals": {"aws:SourceAccount": UNKNOWN_TEXT}}}}), {"SEC-04?"}),
    ("topic's policy unknown", lambda p: p.hide("topic-policy", "policy"), {"SEC-04?"}),
    # SEC-05
    ("database for everybody at 443", lambda p: admitted(p, cidrIpv4="0.0.0.0/0"), {"SEC-05"}),
    ("database for everybody by IPv6", lambda p: admitted(p, cidrIpv6="::/0"), {"SEC-05"}),
    ("database for an office", lambda p: admitted(p, cidrIpv4="203.0.113.0/24", fromPort=5432, toPort=5432), {"SEC-05"}),
    ("database for more than private addresses", lambda p: admitted(p, cidrIpv4="10.0.0.0/7", fromPort=5432, toPort=5432), {"SEC-05", "NET-11"}),
    ("database for an office by an older rule", lambda p: p.add("db-from-office", Thing("aws:ec2/securityGroupRule:SecurityGroupRule", {"type": "ingress", "cidrBlocks": ["203.0.113.0/24"], "fromPort": 5432, "toPort": 5432}, {"securityGroupId": ["db-group"]})), {"SEC-05"}),
    ("database for an office by a rule inside", lambda p: p.put("db-group", "ingress", [{"cidrBlocks": ["203.0.113.0/24"], "fromPort": 5432, "toPort": 5432}]), {"SEC-05"}),
    ("database for a list of networks", lambda p: admitted(p, prefixListId="pl-1"), {"SEC-05?"}),
    ("database for networks inside its group unknown", lambda p: p.hide("db-group", "ingress").point("db-group", "ingress", "vpc"), {"SEC-05?", "NET-11?"}),
    ("one of the database's groups not in view", lambda p: p.put("db", "vpcSecurityGroupIds", [UNKNOWN_TEXT, "sg-elsewhere"]), {"SEC-05?"}),
    ("database's group not in view", lambda p: p.cut("db", "vpcSecurityGroupIds"), {"SEC-05?"}),
]  # fmt: skip

GOOD: list[Mutant] = [
    ("secret of the cache's address", lambda p: secret_of(p, {"secretString": ["cache"]}), set()),
    ("secret of the cache's password", lambda p: secret_of(user_of(p), {"secretString": ["generated"]}), set()),
    ("secret for cached images", lambda p: p.delete("password", "replicas").put("password", "name", "ecr-pullthroughcache/docker-hub"), set()),
    ("secret called back within AWS' own time", lambda p: p.delete("password", "recoveryWindowInDays"), set()),
    ("secret called back within a week", lambda p: p.put("password", "recoveryWindowInDays", 7), set()),
    ("everything that begins alike", lambda p: p.put("shared-rights", "policy", allowing(["ec2:Describe*", "s3:Get*"], "*")), set()),
    ("all of S3 on one bucket", lambda p: p.put("rights", "policy", allowing("s3:*", ["arn:aws:s3:::b", "arn:aws:s3:::b/*"])), set()),
    ("a role to be passed on", lambda p: p.put("rights", "policy", allowing("iam:PassRole", "arn:aws:iam::123456789012:role/nodes-*")), set()),
    ("roles of a team to be passed on", lambda p: p.put("rights", "policy", allowing("iam:PassRole", "*", Condition={"StringEquals": {"aws:ResourceTag/team": "ml"}})), set()),
    ("all secrets of the account to be read", lambda p: p.put("rights", "policy", allowing("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:us-east-1:123456789012:secret:*")), set()),
    ("AWS' policy for nodes, attached the other way", lambda p: p.add("attached", Thing("aws:iam/policyAttachment:PolicyAttachment", {"policyArn": "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy"})).put("role", "managedPolicyArns", ["arn:aws:iam::aws:policy/ReadOnlyAccess"]), set()),
    ("database that reaches out", lambda p: p.add("db-out", Thing("aws:ec2/securityGroupRule:SecurityGroupRule", {"type": "egress", "cidrBlocks": ["0.0.0.0/0"], "fromPort": 443, "toPort": 443}, {"securityGroupId": ["db-group"]})), set()),
    ("denial of everything", lambda p: p.put("rights", "policy", allowing("*", "*", "Deny")), set()),
    ("a policy of one's own", lambda p: p.put("attached-rights", "policyArn", "arn:aws:iam::123456789012:policy/OurFullAccess"), set()),
    ("topic for everybody in the account", lambda p: p.put("topic-policy", "policy", opening("*", {"StringEquals": {"AWS:SourceAccount": "123456789012"}})), set()),
    ("topic for everybody in an organization", lambda p: p.put("topic-policy", "policy", opening("*", {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-abcdefghij/r-ab12/*"}})), set()),
    ("topic for one bucket", lambda p: p.put("topic-policy", "policy", opening("*", {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::tandem-*"}})), set()),
    ("topic for whatever is of one account", lambda p: p.put("topic-policy", "policy", opening("*", {"ArnLike": {"aws:SourceArn": "arn:aws:*:*:123456789012:*"}})), set()),
    ("topic for an office", lambda p: p.put("topic-policy", "policy", opening("*", {"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "10.0.0.0/8"]}})), set()),
    ("topic for one network", lambda p: p.put("topic-policy", "policy", opening("*", {"StringEquals": {"aws:SourceVpc": "vpc-0abc"}})), set()),
    ("role for the nodes", lambda p: p.put("role", "assumeRolePolicy", opening({"Service": "ec2.amazonaws.com"}, Action="sts:AssumeRole")), set()),
    ("file system for who reaches a mount target", lambda p: p.add("open", guarded("aws:efs/fileSystemPolicy:FileSystemPolicy", opening({"AWS": "*"}, {"Bool": {"elasticfilesystem:AccessedViaMountTarget": "true"}}))), set()),
    ("search for everybody inside its network", lambda p: p.add("open", Thing("aws:opensearch/domain:Domain", {"accessPolicies": opening({"AWS": "*"}), "vpcOptions": {"subnetIds": ["subnet-1"]}}, protect=True)), set()),
    ("function for a service", lambda p: p.add("open", Thing("aws:lambda/permission:Permission", {"principal": "events.amazonaws.com", "action": "lambda:InvokeFunction"})), set()),
    ("function for everybody of an organization", lambda p: p.add("open", Thing("aws:lambda/permission:Permission", {"principal": "*", "principalOrgId": "o-abcdefghij"})), set()),
    ("function for everybody of one bucket", lambda p: p.add("open", Thing("aws:lambda/permission:Permission", {"principal": "*", "sourceArn": "arn:aws:s3:::b"})), set()),
    ("everybody denied", lambda p: p.put("topic-policy", "policy", opening("*", Effect="Deny")), set()),
    ("database for private networks", lambda p: admitted(p, cidrIpv4="10.1.0.0/16", fromPort=5432, toPort=5432), set()),
    ("database for pods' own networks", lambda p: admitted(p, cidrIpv4="100.64.0.0/16", fromPort=5432, toPort=5432), set()),
    ("database's rules beside its group", lambda p: p.hide("db-group", "ingress"), {"NET-11?"}),
    ("the VPC's own group", lambda p: p.delete("db", "vpcSecurityGroupIds").cut("db", "vpcSecurityGroupIds"), set()),
]  # fmt: skip

EVIDENCE: dict[str, set[str]] = {
    "secret called back within AWS' own time": {"SEC-02: recoveryWindowInDays is 30 by default"},
    "all of a service": {"SEC-03: statement 1 of policy allows s3:* on everything"},
    "any role to be passed on": {"SEC-03: statement 1 of policy allows iam:passrole on everything, and so to give oneself any right"},
    "topic for everybody": {"SEC-04: statement 1 allows everybody sns:Publish"},
    "database's group not in view": {"SEC-05: vpcSecurityGroupIds leads to no security groups in view, and names others"},
}  # fmt: skip
"""What is said of some of them, word for word."""
