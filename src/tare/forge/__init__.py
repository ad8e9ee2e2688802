"""Forges: one comment of ours on a pull or merge request, written once and updated from then on."""
