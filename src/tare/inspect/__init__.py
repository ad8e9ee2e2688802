"""What `tare inspect`, `explain` and `diff` find out: shares, waste with its cause and remedy, what-if, budgets."""
