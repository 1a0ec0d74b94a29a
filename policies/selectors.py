"""Which pods a Kubernetes label selector means, as far as anyone can say. None stands for: nobody can."""

from resilience.graph import Graph, Read, Resource

NAMESPACE = "kubernetes:core/v1:Namespace"


def selects(selector: Read, labels: Read) -> bool | None:
    """Whether a selector, labels and expressions, matches labels; an empty one matches all, a missing one none."""
    if selector.missing:
        return False
    if selector.unknown or labels.unknown:
        return None
    wanted = selector.field("matchLabels")
    expressions = selector.field("matchExpressions")
    answers = [_same(value, labels.field(key)) for key, value in wanted.fields().items()]
    answers += [_expression(each, labels) for each in expressions.each()]
    if wanted.unknown:
        answers.append(None)
    return every(answers)


def has_labels(wanted: Read, labels: Read) -> bool | None:
    """Whether a plain map of labels, as a Service's selector, matches; an empty or missing one matches none."""
    if wanted.unknown or labels.unknown:
        return None
    return bool(wanted.fields()) and every([_same(value, labels.field(key)) for key, value in wanted.fields().items()])


def same_namespace(one: Resource, other: Resource, graph: Graph) -> bool | None:
    """Whether two objects are in one namespace of one cluster."""
    if one.stack != other.stack or _provider(one) != _provider(other):
        return False
    first, second = one.read("metadata.namespace"), other.read("metadata.namespace")
    if not first.unknown and not second.unknown:
        return (first.content or "default") == (second.content or "default")
    homes = [graph.targets(each, "metadata", NAMESPACE) for each in (one, other)]
    return True if len(homes[0]) == 1 and homes[0] == homes[1] else None


def every(answers: list[bool | None]) -> bool | None:
    """Whether all are true: one that is false decides, one that nobody knows leaves it open."""
    if False in answers:
        return False
    return None if None in answers else True


def _provider(resource: Resource) -> str:
    return resource.provider.name if resource.provider else ""


def _same(wanted: Read, label: Read) -> bool | None:
    if wanted.unknown or label.unknown:
        return None
    return label.known and wanted.content == label.content


def _expression(expression: Read, labels: Read) -> bool | None:
    key, operator = expression.field("key"), expression.field("operator")
    if key.unknown or operator.unknown:
        return None
    label = labels.field(str(key.content))
    if operator.content == "Exists":
        return label.unknown or label.known
    if operator.content == "DoesNotExist":
        return not label.unknown and label.missing
    found = [_same(value, label) for value in expression.field("values").each()]
    within = True if True in found else (None if None in found else False)
    if operator.content == "In":
        return within
    return None if within is None else not within
