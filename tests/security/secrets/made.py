"""Tokens made for the tests from random characters: of the right form, never issued by anyone, never a literal here."""

import base64
import json
import random
import string

from tare.security.secrets.checks import base62_crc32

LETTERS = string.ascii_letters + string.digits
HEX = "0123456789abcdef"
URL = LETTERS + "-_"
UPPER = string.ascii_uppercase + "234567"


def some(count: int, characters: str = LETTERS, seed: int = 1) -> str:
    """Random characters, the same in every run."""
    source = random.Random(f"{count} {characters} {seed}")
    return "".join(source.choice(characters) for _ in range(count))


def with_crc(prefix: str, seed: int = 1) -> str:
    """A token with GitHub's checksum."""
    body = some(30, seed=seed)
    return f"{prefix}{body}{base62_crc32(body)}"


def encoded(raw: bytes) -> str:
    """Base 64 for URLs, without the end."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def web_token() -> str:
    """A JSON web token."""
    header, claims = (
        encoded(json.dumps(part).encode()) for part in ({"alg": "HS256"}, {"sub": "someone", "n": 1})
    )
    return f"{header}.{claims}.{some(43, URL)}"


def private_key(kind: str = "RSA ") -> str:
    """A PEM block with something that begins like DER; no key is in it."""
    body = base64.b64encode(b"\x30\x82\x04\xa4" + random.Random(7).randbytes(600)).decode()
    lines = "\n".join(body[at : at + 64] for at in range(0, len(body), 64))
    dashes = "-" * 5
    return f"{dashes}BEGIN {kind}PRIVATE KEY{dashes}\n{lines}\n{dashes}END {kind}PRIVATE KEY{dashes}\n"


def pypi_token(host: bytes = b"pypi.org") -> str:
    """A macaroon of an index."""
    return "pypi-" + encoded(b"\x02\x01" + bytes([len(host)]) + host + random.Random(3).randbytes(120))


TOKENS: dict[str, str] = {
    "aws-access-key-id": "AKIA" + some(16, UPPER),
    "aws-secret-key": "aws_secret_access_key = " + some(40),
    "google-api-key": "AIza" + some(35, URL),
    "google-oauth": "GOCSPX-" + some(28, URL),
    "azure-storage-key": "AccountKey=" + some(86) + "==",
    "azure-shared-key": "SharedAccessKey=" + some(43) + "=",
    "azure-client-secret": some(3) + "8Q~" + some(34),
    "digitalocean-token": "dop_v1_" + some(64, HEX),
    "hashicorp-token": "hvs." + some(90, URL),
    "pulumi-token": "pul-" + some(40, HEX),
    "doppler-token": "dp.pt." + some(43),
    "databricks-token": "dapi" + some(32, HEX),
    "github-token": with_crc("ghp_"),
    "github-fine-grained-token": "github_pat_" + some(22) + "_" + some(59),
    "gitlab-token": "glpat-" + some(20),
    "atlassian-token": "ATATT3" + some(186),
    "pypi-token": pypi_token(),
    "npm-token": with_crc("npm_"),
    "npmrc-password": "//registry.example.net/:_authToken=" + some(36),
    "docker-hub-token": "dckr_pat_" + some(27),
    "docker-registry-auth": '{"auth": "' + base64.b64encode(b"someone:" + some(12).encode()).decode() + '"}',
    "rubygems-key": "rubygems_" + some(48, HEX),
    "slack-token": "xoxb-" + some(11, string.digits) + "-" + some(12, string.digits) + "-" + some(24),
    "slack-webhook": "https://hooks.slack.com/services/T" + some(8) + "/B" + some(8) + "/" + some(24),
    "discord-webhook": "https://discord.com/api/webhooks/" + some(18, string.digits) + "/" + some(68),
    "telegram-bot-token": some(10, string.digits) + ":AA" + some(33),
    "stripe-key": "sk_" + "live_" + some(24),
    "sendgrid-key": "SG." + some(22) + "." + some(43),
    "shopify-token": "shpat_" + some(32, HEX),
    "sentry-token": "sntryu_" + some(64, HEX),
    "newrelic-key": "NRAK-" + some(27, string.ascii_uppercase),
    "datadog-key": "DD_API_KEY=" + some(32, HEX),
    "url-password": "postgresql://app:" + some(14) + "@db.internal:5432/app",
    "huggingface-token": "hf_" + some(34, string.ascii_letters),
    "wandb-key": "WANDB_API_KEY=" + some(40, HEX),
    "kaggle-key": '{"username":"someone","key":"' + some(32, HEX) + '"}',
    "nvidia-key": "nvapi-" + some(64, URL),
    "openai-key": "sk-proj-" + some(74) + "T3BlbkFJ" + some(74),
    "anthropic-key": "sk-ant-api03-" + some(93, URL) + "AA",
    "mistral-key": "MISTRAL_API_KEY=" + some(32),
    "replicate-token": "r8_" + some(37),
    "groq-key": "gsk_" + some(52),
    "comet-key": "COMET_API_KEY=" + some(25),
    "neptune-token": base64.b64encode(
        json.dumps(
            {"api_address": "https://app.neptune.ai", "api_key": some(36)}, separators=(",", ":")
        ).encode()
    ).decode(),
    "clearml-key": "CLEARML_API_SECRET_KEY=" + some(50),
    "cohere-key": "COHERE_API_KEY=" + some(40),
    "perplexity-key": "pplx-" + some(48),
    "openrouter-key": "sk-or-v1-" + some(64, HEX),
    "langsmith-key": "lsv2_pt_" + some(32, HEX) + "_" + some(10, HEX),
    "private-key": private_key(),
    "json-web-token": web_token(),
    "netrc-password": "machine api.internal login someone password " + some(12),
    "pgpass-password": "db.internal:5432:app:someone:" + some(12),
    "pypirc-password": "[internal]\nusername = someone\npassword = " + some(16),
}
