"""What `tare inspect`, `explain` and `diff` find out: shares, waste with its cause and remedy, what-if, budgets."""

from tare.inspect.survey import Survey, survey

__all__ = ["Survey", "survey"]
