"""Rules of registries, by the ways to break them."""

# One mutant a line, or the table cannot be read as one.
# ruff: noqa: E501

import copy

from tests.policies.other_region import REGION, with_other_region
from tests.policies.platform import UNKNOWN_TEXT, Mutant, Platform, Thing

ALWAYS: set[str] = {"ECR-01?"}
"""What nobody can say of one stack alone."""

RULE = "replicationConfiguration/rules/0"


def things() -> dict[str, Thing]:
    """What breaks none of them."""
    return {
        "images": Thing(
            "aws:ecr/repository:Repository",
            {
                "name": "tandem/model-server",
                "imageTagMutability": "IMMUTABLE",
                "imageScanningConfiguration": {"scanOnPush": True},
            },
            protect=True,
        ),
    }


def two_rules(platform: Platform, path: str, value: object) -> Platform:
    """Let the replication have one more rule, before its own and like it but for one property."""
    rules = with_other_region(platform).things["copy-images"].props["replicationConfiguration"]["rules"]
    rules.insert(0, copy.deepcopy(rules[0]))
    return platform.put("copy-images", f"{RULE}/{path}", value)


def registry(kind: object, region: str = "us-east-1") -> Thing:
    """How the whole registry is scanned."""
    return Thing(
        "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration", {"scanType": kind}, region=region
    )


MUTANTS: list[Mutant] = [
    # ECR-01
    ("images copied nowhere", lambda p: with_other_region(p).drop("copy-images"), {"ECR-01"}),
    ("images copied to where they are", lambda p: with_other_region(p).put("copy-images", f"{RULE}/destinations/0/region", "us-east-1"), {"ECR-01"}),
    ("images of another name copied", lambda p: with_other_region(p).put("copy-images", f"{RULE}/repositoryFilters/0/filter", "other/"), {"ECR-01"}),
    ("images copied from where they are not", lambda p: with_other_region(p).put("copy-images", "region", "eu-west-1").drop("images-west"), {"ECR-01"}),
    ("images copied by a rule of nowhere", lambda p: with_other_region(p).put("copy-images", f"{RULE}/destinations", []), {"ECR-01"}),
    ("images copied to where they are, and none there", lambda p: with_other_region(p).put("copy-images", f"{RULE}/destinations/0/region", "us-east-1").drop("images-west"), {"ECR-01"}),
    ("region of the images unknown", lambda p: with_other_region(p).put("images", "region", UNKNOWN_TEXT), {"ECR-01?"}),
    ("name of the images unknown", lambda p: with_other_region(p).hide("images", "name"), {"ECR-01?"}),
    ("region that images are copied from unknown", lambda p: with_other_region(p).put("copy-images", "region", UNKNOWN_TEXT), {"ECR-01?"}),
    ("images copied to somewhere", lambda p: with_other_region(p).hide("copy-images", f"{RULE}/destinations/0/region"), {"ECR-01?"}),
    ("images of some names copied", lambda p: with_other_region(p).hide("copy-images", f"{RULE}/repositoryFilters"), {"ECR-01?"}),
    # ECR-02
    ("tags that move", lambda p: p.put("images", "imageTagMutability", "MUTABLE"), {"ECR-02"}),
    ("tags that move by default", lambda p: p.delete("images", "imageTagMutability"), {"ECR-02"}),
    ("some tags that move", lambda p: p.put("images", "imageTagMutability", "IMMUTABLE_WITH_EXCLUSION"), {"ECR-02"}),
    ("tags that move or not unknown", lambda p: p.hide("images", "imageTagMutability"), {"ECR-02?"}),
    # ECR-03
    ("images not scanned", lambda p: p.put("images", "imageScanningConfiguration/scanOnPush", False), {"ECR-03"}),
    ("images not scanned by default", lambda p: p.delete("images", "imageScanningConfiguration"), {"ECR-03"}),
    ("registry scanned now and then", lambda p: p.delete("images", "imageScanningConfiguration").add("scanning", registry("BASIC")), {"ECR-03"}),
    ("registry of another region scanned", lambda p: p.delete("images", "imageScanningConfiguration").add("scanning", registry("ENHANCED", REGION)), {"ECR-03"}),
    ("images scanned or not unknown", lambda p: p.hide("images", "imageScanningConfiguration"), {"ECR-03?"}),
    ("registry scanned or not unknown", lambda p: p.delete("images", "imageScanningConfiguration").add("scanning", registry(UNKNOWN_TEXT)), {"ECR-03?"}),
]  # fmt: skip

GOOD: list[Mutant] = [
    ("images of two names copied", lambda p: two_rules(p, "repositoryFilters/0/filter", "other/"), set()),
    ("images copied, and to somewhere", lambda p: two_rules(p, "destinations/0/region", UNKNOWN_TEXT), set()),
    ("all images copied", lambda p: with_other_region(p).delete("copy-images", f"{RULE}/repositoryFilters"), set()),
    ("registry scanned all the time", lambda p: p.delete("images", "imageScanningConfiguration").add("scanning", registry("ENHANCED")), set()),
]  # fmt: skip

EVIDENCE: dict[str, set[str]] = {
    "name of the images unknown": {"ECR-01: its name or region is not known; what copy-images copies, or where to, is not known yet"},
}  # fmt: skip
"""What is said of some of them, word for word."""
