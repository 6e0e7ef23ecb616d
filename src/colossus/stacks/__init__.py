"""The same work through Pulumi: racks, switches and controllers as resources of a stack."""
