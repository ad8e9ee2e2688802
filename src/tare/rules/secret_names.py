"""Names that say that a variable or a file holds a secret.

Source of the words for variables: BuildKit's documentation of SecretsUsedInArgOrEnv.
"""

import re

_WORD = re.compile(
    r"(?:^|_)(?:apikey|auth|credentials?|key|password|pword|passwd|secret|token)(?:_|$)", re.IGNORECASE
)
_HARMLESS = re.compile(r"(?:^|_)(?:public|file|version)(?:_|$)", re.IGNORECASE)
_FILE = re.compile(
    r"(?:^|/)(?:\.env(?:\.(?!example|sample|template|dist|defaults?$)[\w.-]+)?|id_(?:rsa|dsa|ecdsa|ed25519)|\.netrc"
    r"|\.pypirc|\.npmrc|\.git-credentials|\.htpasswd|kaggle\.json|credentials\.json|secrets\.toml|\.aws|\.ssh"
    r"|\.docker/config\.json|\.kube|service[-_]account[\w.-]*\.json|[\w.-]+\.(?:p12|pfx)"
    r"|(?:[\w.-]*private[\w.-]*|server|tls|privkey)\.(?:pem|key))/?$",
    re.IGNORECASE,
)


def is_secret_variable(name: str) -> bool:
    """Whether a variable's name says that it holds a secret."""
    return _WORD.search(name) is not None and _HARMLESS.search(name) is None


def is_secret_file(path: str) -> bool:
    """Whether a file's name says that it holds a secret."""
    return _FILE.search(path) is not None
