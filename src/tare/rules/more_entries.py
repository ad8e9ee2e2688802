"""Rules beyond hadolint's: code, name, words that a file must hold, codes of other tools.

TR20xx are BuildKit's checks that hadolint does not have, TR50xx those of other linters, TR60xx what is about machine
learning, caches and layers, TR70xx what is about secrets and transport security.
"""

ROWS: tuple[tuple[str, str, str, str], ...] = (
    ("TR2001", "consistent-instruction-casing", "", "ConsistentInstructionCasing"),
    ("TR2002", "from-as-casing", "from", "FromAsCasing"),
    ("TR2003", "stage-name-casing", "from", "StageNameCasing"),
    ("TR2004", "no-empty-continuation", "", "NoEmptyContinuation"),
    ("TR2005", "undefined-arg-in-from", "$", "UndefinedArgInFrom"),
    ("TR2006", "invalid-default-arg-in-from", "$", "InvalidDefaultArgInFrom"),
    ("TR2007", "undefined-var", "$", "UndefinedVar"),
    ("TR2008", "legacy-key-value-format", "env label", "LegacyKeyValueFormat"),
    ("TR2009", "copy-ignored-file", "copy add", "CopyIgnoredFile"),
    ("TR2010", "expose-proto-casing", "expose", "ExposeProtoCasing"),
    ("TR2011", "expose-invalid-format", "expose", "ExposeInvalidFormat"),
    ("TR2012", "invalid-definition-description", "", "InvalidDefinitionDescription"),
    ("TR2013", "invalid-base-image-platform", "--platform", "InvalidBaseImagePlatform"),
)
OFF_BY_DEFAULT: frozenset[str] = frozenset()
"""Codes of rules that run only when they are selected."""
