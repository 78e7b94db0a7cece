"""The evaluation room: how well this assistant, or one of its models, understands."""
