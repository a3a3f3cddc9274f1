"""Doorlog normalizes AWS sign-in records to ECS and OCSF events and ships them."""

__version__ = "0.1.0"
