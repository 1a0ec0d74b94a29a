"""Names, certificates, and which region answers."""

from components.dns._plan import CHECKER_REGIONS, Detection, plan_checkers, plan_detection
from components.dns.certificate import Certificate, CertificateArgs
from components.dns.region_health import RegionAlarm, RegionHealth, RegionHealthArgs
from components.dns.traffic import Routing, TrafficRecord, TrafficRecordArgs

__all__ = [
    "CHECKER_REGIONS",
    "Certificate",
    "CertificateArgs",
    "Detection",
    "RegionAlarm",
    "RegionHealth",
    "RegionHealthArgs",
    "Routing",
    "TrafficRecord",
    "TrafficRecordArgs",
    "plan_checkers",
    "plan_detection",
]
