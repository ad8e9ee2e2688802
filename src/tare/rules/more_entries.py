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
    ("TR7001", "apt-unauthenticated", "--allow-", "CKV2_DOCKER_8"),
    ("TR7002", "apt-force-yes", "--force-yes", "CKV2_DOCKER_11"),
    ("TR7003", "apk-untrusted", "--allow-untrusted", "CKV2_DOCKER_7"),
    ("TR7004", "dnf-no-gpg-check", "gpgcheck", "CKV2_DOCKER_9"),
    ("TR7005", "rpm-no-verify", "rpm", "CKV2_DOCKER_10"),
    ("TR7006", "dnf-no-ssl-verify", "sslverify", "CKV2_DOCKER_15"),
    ("TR7007", "curl-insecure", "curl", "CKV2_DOCKER_2"),
    ("TR7008", "wget-no-check-certificate", "--no-check", "CKV2_DOCKER_3"),
    ("TR7009", "pip-trusted-host", "--trusted", "CKV2_DOCKER_4"),
    ("TR7010", "pip-trusted-host-variable", "pip_trusted_host", "CKV2_DOCKER_16"),
    ("TR7011", "python-no-https-verify", "pythonhttpsverify", "CKV2_DOCKER_5"),
    ("TR7012", "node-no-tls-verify", "node_tls_reject", "CKV2_DOCKER_6"),
    ("TR7013", "npm-no-strict-ssl-variable", "npm_config_strict_ssl", "CKV2_DOCKER_12"),
    ("TR7014", "npm-no-strict-ssl", "strict-ssl", "CKV2_DOCKER_13"),
    ("TR7015", "git-no-ssl-verify", "sslverify git_ssl_no_verify", "CKV2_DOCKER_14"),
    ("TR7016", "chpasswd", "chpasswd -p --password", "CKV2_DOCKER_17"),
    ("TR7017", "secret-file-copied", "copy add", ""),
    ("TR7018", "secret-in-history", "arg", "secret-in-build-arg"),
    ("TR7019", "credentials-in-url", "://", ""),
    ("TR7020", "expose-ssh", "expose", "DS-0004 CKV_DOCKER_1 exposing_port_22"),
    ("TR7021", "system-directory", "volume workdir", "DS-0030"),
    ("TR7022", "docker-socket", "docker.sock", "dockerd-socket-mount"),
    ("TR7023", "plain-http", "http://", "curlUseHttpsUrl wgetUseHttpsUrl"),
    ("TR7024", "no-user", "", "CKV_DOCKER_3 missing_user_instruction missing-user"),
)
OFF_BY_DEFAULT: frozenset[str] = frozenset()
"""Codes of rules that run only when they are selected."""
