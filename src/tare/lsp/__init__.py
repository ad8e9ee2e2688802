"""The language server: what `tare lint` says, in an editor. Needs the extra `lsp`."""
