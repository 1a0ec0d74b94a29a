"""Controls of other standards that ask for the same as a rule does, as far as anyone can look them up.

A rule names them by standard and id, ``AWS FSBP RDS.15``; a test holds it to this table.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Standard:
    """Controls of one publisher."""

    name: str
    """How rules name it, before a control's id."""
    source: str
    """Where its controls are stated, and when that was read."""
    controls: Mapping[str, str]
    """What each asks for, by its id."""


STANDARDS = (
    Standard(
        "AWS FSBP",
        "AWS Security Hub User Guide, AWS Foundational Security Best Practices standard; compared with "
        "turbot/steampipe-mod-aws-compliance, foundational_security, of 2025-12 (read 2026-11)",
        {
            "AutoScaling.1": "a group behind a load balancer asks that whether instances are well",
            "AutoScaling.2": "a group is in several zones",
            "AutoScaling.6": "a group has several instance types in several zones",
            "DynamoDB.2": "a table has point-in-time recovery",
            "DynamoDB.6": "a table has deletion protection",
            "EC2.6": "a VPC has flow logs",
            "EC2.18": "security groups are open to everyone at authorized ports alone",
            "EC2.170": "launch templates ask for IMDSv2",
            "ECR.1": "images are scanned",
            "ECR.2": "tags are immutable",
            "EKS.1": "a cluster's endpoint is not public",
            "EKS.2": "a cluster runs a supported version",
            "EKS.8": "a cluster has audit logs",
            "ELB.1": "HTTP is redirected to HTTPS",
            "ELB.6": "a load balancer has deletion protection",
            "ELB.13": "a load balancer is in several zones",
            "ElastiCache.1": "a cluster is backed up",
            "ElastiCache.2": "minor versions are installed by themselves",
            "ElastiCache.3": "a replication group fails over by itself",
            "ElastiCache.4": "a replication group is encrypted at rest",
            "ElastiCache.5": "a replication group is encrypted in transit",
            "ElastiCache.6": "a replication group asks for a password",
            "IAM.1": "no policy allows every action on everything",
            "IAM.21": "no policy allows every action of a service",
            "KMS.3": "keys are not deleted by mistake",
            "KMS.5": "a key is not everybody's",
            "Lambda.1": "a function is not everybody's",
            "Lambda.5": "a function in a VPC is in several zones",
            "RDS.2": "an instance has no public address",
            "RDS.3": "an instance is encrypted at rest",
            "RDS.5": "an instance is in several zones",
            "RDS.7": "a cluster has deletion protection",
            "RDS.8": "an instance has deletion protection",
            "RDS.11": "an instance has automatic backups",
            "RDS.13": "minor versions are installed by themselves",
            "RDS.15": "a cluster is in several zones",
            "RDS.16": "snapshots have a cluster's tags",
            "RDS.17": "snapshots have an instance's tags",
            "RDS.27": "a cluster is encrypted at rest",
            "RDS.43": "a proxy asks for TLS",
            "S3.5": "requests to a bucket use TLS",
            "S3.8": "a bucket blocks public access",
            "SNS.4": "a topic is not everybody's",
            "SQS.1": "a queue is encrypted at rest",
            "SQS.3": "a queue is not everybody's",
        },
    ),
    Standard(
        "AWS Security Hub",
        "AWS Security Hub User Guide, controls reference: what is in other standards than FSBP, most in NIST SP 800-53",
        {
            "CloudWatch.15": "an alarm has an action",
            "CloudWatch.17": "an alarm's actions are on",
            "EKS.3": "a cluster's secrets are encrypted",
            "ELB.16": "a load balancer has a web ACL",
            "S3.7": "a bucket is copied to another region",
            "S3.10": "a versioned bucket has a lifecycle",
            "S3.14": "a bucket is versioned",
            "S3.15": "a bucket has Object Lock",
            "SNS.1": "a topic is encrypted at rest",
        },
    ),
    Standard(
        "AWS Config",
        "AWS Config Developer Guide, List of AWS Config Managed Rules (read 2026-11)",
        {
            "AURORA_RESOURCES_PROTECTED_BY_BACKUP_PLAN": "an Aurora cluster is in a backup plan",
            "BACKUP_PLAN_MIN_FREQUENCY_AND_MIN_RETENTION_CHECK": "a plan backs up often, and keeps that long",
            "BACKUP_RECOVERY_POINT_MANUAL_DELETION_DISABLED": "nobody deletes backups from a vault",
            "LAMBDA_DLQ_CHECK": "a function has a queue for what it fails on",
            "NLB_CROSS_ZONE_LOAD_BALANCING_ENABLED": "a network load balancer sends to every zone",
        },
    ),
    Standard(
        "AWS Well-Architected",
        "AWS Well-Architected Framework, best practices of REL 2, 6, 7, 9, 10, 11 and 13 (read 2026-11)",
        {
            "REL02-BP02": "private networks are connected in more than one way",
            "REL02-BP03": "subnets have room to grow and for a lost zone",
            "REL02-BP05": "connected networks have addresses of their own",
            "REL06-BP03": "alarms notify somebody",
            "REL07-BP01": "resources are obtained and scaled by automation",
            "REL09-BP01": "all data that has to be is backed up",
            "REL09-BP02": "backups are secured and encrypted",
            "REL09-BP03": "backups are taken automatically",
            "REL09-BP04": "recovery is rehearsed from backups",
            "REL10-BP01": "a workload is in several locations",
            "REL11-BP01": "all components are watched for failures",
            "REL11-BP02": "failures lead to healthy resources",
            "REL11-BP03": "every layer heals by itself",
            "REL11-BP05": "what is needed after a failure is there before it",
            "REL11-BP07": "a product is built for the availability that is promised",
            "REL13-BP01": "objectives for downtime and data loss are defined",
            "REL13-BP02": "a recovery strategy meets the objectives",
            "REL13-BP04": "the recovery site does not drift",
        },
    ),
    Standard(
        "CIS AWS Foundations v5.0.0",
        "CIS Amazon Web Services Foundations Benchmark v5.0.0; turbot/steampipe-mod-aws-compliance, cis_v500, of "
        "2025-12 (read 2026-11)",
        {
            "1.15": "no policy allows every action on everything",
            "2.1.1": "a bucket denies requests without TLS",
            "2.1.4": "a bucket blocks public access",
            "2.2.1": "an instance is encrypted at rest",
            "2.2.2": "minor versions are installed by themselves",
            "2.2.3": "an instance has no public address",
            "2.2.4": "an instance is in several zones",
            "3.7": "a VPC has flow logs",
            "5.3": "no security group opens administration to 0.0.0.0/0",
            "5.4": "no security group opens administration to ::/0",
            "5.7": "metadata asks for IMDSv2",
        },
    ),
    Standard(
        "CIS EKS v1.8.0",
        "CIS Amazon EKS Benchmark v1.8.0; aquasecurity/kube-bench, cfg/eks-1.8.0, of 2026-06 (read 2026-11)",
        {
            "2.1.1": "a cluster has audit logs",
            "4.1.5": "default service accounts are not used",
            "4.2.1": "no container is privileged",
            "4.2.5": "no container escalates its privileges",
            "4.3.2": "every namespace has network policies",
            "5.3.1": "secrets are encrypted with a key of one's own",
            "5.4.1": "the control plane's endpoint is restricted",
            "5.4.2": "the control plane is reached from inside",
        },
    ),
)


def known(control: str) -> bool:
    """Whether a control such as ``AWS FSBP RDS.15`` is in the table."""
    return any(control == f"{standard.name} {id_}" for standard in STANDARDS for id_ in standard.controls)
