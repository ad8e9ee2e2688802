"""Bills of materials: one module a format, each `render(bill) -> str`; the same image gives the same bytes."""

from tare.security.sbom.bill import Bill, Component, make_bill

__all__ = ["Bill", "Component", "make_bill"]
