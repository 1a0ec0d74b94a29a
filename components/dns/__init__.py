"""Names, certificates, and which region answers."""

from components.dns.certificate import Certificate, CertificateArgs
from components.dns.failover import FailoverRecord, FailoverRecordArgs, FailoverRole

__all__ = ["Certificate", "CertificateArgs", "FailoverRecord", "FailoverRecordArgs", "FailoverRole"]
