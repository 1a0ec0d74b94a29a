"""A cloud on one machine: the real Pulumi engine, simulated providers, and a local AWS for boto3."""
