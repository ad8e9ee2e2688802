"""Reports as OpenVEX documents, one module a verb."""
