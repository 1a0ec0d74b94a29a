"""A recorded stack as the engine tells a policy pack of it."""

from pulumi.runtime.proto import analyzer_pb2

from sandbox.values import encode
from tests.house.recorder import Recording, Registration


def _provider(registration: Registration, recording: Recording) -> analyzer_pb2.AnalyzerProviderResource | None:
    if not registration.provider:
        return None
    made = recording.by_urn(registration.provider.rpartition("::")[0])
    return analyzer_pb2.AnalyzerProviderResource(
        urn=made.urn, type=made.type, name=made.name, properties=encode(made.props)
    )


def _options(registration: Registration) -> analyzer_pb2.AnalyzerResourceOptions:
    return analyzer_pb2.AnalyzerResourceOptions(
        protect=registration.protect, ignoreChanges=registration.ignore_changes, parent=registration.parent
    )


def checked(recording: Recording) -> list[analyzer_pb2.AnalyzeRequest]:
    """Each resource by itself, before it is made: what the engine asks first."""
    return [
        analyzer_pb2.AnalyzeRequest(
            urn=each.urn,
            type=each.type,
            name=each.name,
            properties=encode(each.props),
            options=_options(each),
            provider=_provider(each, recording),
        )
        for each in recording.registrations
    ]


def stack(*recordings: Recording) -> analyzer_pb2.AnalyzeStackRequest:
    """Everything at the end, of one stack or of several: what the engine asks then."""
    return analyzer_pb2.AnalyzeStackRequest(
        resources=[
            analyzer_pb2.AnalyzerResource(
                urn=each.urn,
                type=each.type,
                name=each.name,
                properties=encode(each.outputs or each.props),
                options=_options(each),
                provider=_provider(each, recording),
                parent=each.parent,
                dependencies=each.dependencies,
                propertyDependencies={
                    name: analyzer_pb2.AnalyzerPropertyDependencies(urns=urns)
                    for name, urns in each.property_dependencies.items()
                },
            )
            for recording in recordings
            for each in recording.registrations
        ]
    )
