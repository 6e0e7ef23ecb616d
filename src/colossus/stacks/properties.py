"""Properties as the SDK holds them, and as Python values."""

from collections.abc import Mapping

from pulumi.provider.experimental.property_value import PropertyValue

Properties = Mapping[str, PropertyValue]


def plain(properties: Properties) -> dict[str, object]:
    """Give properties as Python values; what is not known yet stays out."""
    return {name: _plain(each) for name, each in properties.items() if each.value is not None}


def wrapped(value: object) -> PropertyValue:
    """Give a Python value as a property."""
    if isinstance(value, Mapping):
        return PropertyValue({str(name): wrapped(each) for name, each in value.items()})
    return PropertyValue(str(value))


def _plain(value: PropertyValue) -> object:
    held = value.value
    if isinstance(held, Mapping):
        return {name: _plain(each) for name, each in held.items()}
    return held
