"""A TLS certificate, proved by DNS records."""

from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_aws as aws


class CertificateArgs(TypedDict):
    """Inputs of Certificate."""

    domain_name: str
    """First name it is for."""
    alternative_names: NotRequired[list[str]]
    """Further names it is for."""
    prove: list[str]
    """Names whose validation records this certificate creates. A name that another certificate of this account has
    proved is proved for all, by one record: who creates it again fights over it."""
    zone_id: pulumi.Input[str]
    """Hosted zone of all the names."""
    region: NotRequired[str]
    """Region of every regional child. Default: the provider's."""


class Certificate(pulumi.ComponentResource):
    """An issued certificate that renews itself while its records stay.

    Cost when idle: none. State: none. Regions: records are global, the certificate regional.
    """

    arn: pulumi.Output[str]
    """ARN, known once the certificate is issued."""

    def __init__(self, name: str, args: CertificateArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        names = [args["domain_name"], *args.get("alternative_names", [])]
        unknown = [domain for domain in args["prove"] if domain not in names]
        if unknown:
            raise ValueError(f"prove: {', '.join(unknown)} is not among the certificate's names {', '.join(names)}")
        region = args.get("region")
        super().__init__("tandem:index:Certificate", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)

        certificate = aws.acm.Certificate(
            name,
            domain_name=args["domain_name"],
            subject_alternative_names=args.get("alternative_names"),
            validation_method="DNS",
            region=region,
            opts=child,
        )
        records = [
            aws.route53.Record(
                f"{name}-{domain}",
                zone_id=args["zone_id"],
                name=_validation(certificate, domain, "resource_record_name"),
                type=_validation(certificate, domain, "resource_record_type"),
                records=[_validation(certificate, domain, "resource_record_value")],
                ttl=300,
                opts=child,
            )
            for domain in args["prove"]
        ]
        issued = aws.acm.CertificateValidation(
            name,
            certificate_arn=certificate.arn,
            region=region,
            opts=pulumi.ResourceOptions(parent=self, depends_on=records),
        )
        self.arn = issued.certificate_arn
        self.register_outputs({"arn": self.arn})


def _validation(certificate: "aws.acm.Certificate", domain: str, field: str) -> pulumi.Output[str]:
    # AWS lists the names in no order.
    def pick(options: list[Any]) -> str:
        return next(getattr(option, field) for option in options if option.domain_name == domain)

    return certificate.domain_validation_options.apply(lambda options: pick(list(options)))
