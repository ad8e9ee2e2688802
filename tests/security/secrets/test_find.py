"""Each form is found in text, in configuration, in bytecode; what only looks like one is not."""

import marshal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tare.security.secrets.assignments import shape_of
from tare.security.secrets.checks import bech32, jwt
from tare.security.secrets.find import MOST, find
from tare.security.secrets.forms import forms
from tare.security.secrets.layers import in_pieces
from tare.security.secrets.places import LARGEST_WHOLE
from tests.security.secrets.made import LETTERS, TOKENS, pypi_token, some, web_token, with_crc


def names(data: bytes, path: str = "notes.txt", **options: object) -> list[str]:
    return [one.name for one in find(data, path, **options)]  # type: ignore[arg-type]


@pytest.mark.parametrize("name", sorted(TOKENS))
def test_a_token_is_found_and_not_shown(name: str) -> None:
    data = f"# settings\n{TOKENS[name]}\n".encode()
    found = [one for one in find(data, "notes.txt") if one.name == name]
    assert len(found) == 1, names(data)
    value = data[found[0].start : found[0].end].decode()
    assert (
        found[0].doubt == ""
        and value not in found[0].shown
        and value[-4:] not in found[0].shown
        and "***" in found[0].shown
    )
    assert found[0].fingerprint == find(data, "notes.txt")[0].fingerprint


def test_codes_and_names_are_unique_and_keywords_are_in_the_patterns() -> None:
    table = forms()
    assert len({form.code for form in table}) == len({form.name for form in table}) == len(table) > 80
    assert all(form.keywords and form.title for form in table)


@pytest.mark.parametrize(
    "name",
    ["github-token", "huggingface-token", "openai-key", "private-key", "aws-access-key-id", "url-password"],
)
def test_a_token_in_bytecode(name: str) -> None:
    code = compile(f"KEY = {TOKENS[name]!r}\nOTHER = 1\n", "x.py", "exec")
    assert name in names(b"\0" * 16 + marshal.dumps(code), "x.pyc")


@pytest.mark.parametrize(
    "text",
    [
        "AKIA" + "IOSFODNN7" + "EXAMPLE",
        "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCY" + "EXAMPLEKEY",
        "hf_" + "x" * 34,
        "ghp_" + "0123456789" * 3 + "012345",
        "postgresql://user:password@localhost/db",
        "https://user:${PASSWORD}@host/",
        "https://bob:s3cr3tpw9@example.com/",
        "x" + with_crc("ghp_"),
        with_crc("ghp_") + "x",
        "eyJhbGciOiJIUzI1NiJ9.eyJ" + "!" * 30,
        "pypi-AgE" + "A" * 80,
        "-" * 5 + "BEGIN RSA PRIVATE KEY" + "-" * 5 + "\n" + "A" * 90 + "\n" + "-" * 5 + "END RSA PRIVATE KEY" + "-" * 5,
    ],
)  # fmt: skip
def test_no_secrets(text: str) -> None:
    assert names(text.encode()) == []


def test_a_wrong_checksum_is_a_doubt() -> None:
    good = with_crc("ghp_")
    bad = good[:-1] + ("a" if good[-1] != "a" else "b")
    found = find(bad.encode())
    assert [(one.name, one.severity) for one in found] == [("github-token", "low")] and "checksum" in found[
        0
    ].doubt
    assert jwt(web_token()) == "" and bech32("AGE-SECRET-KEY-1" + "Q" * 58) != ""
    assert bech32("age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p") == ""  # from age's README
    assert names(pypi_token(b"test.pypi.org").encode()) == ["pypi-token"]


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        (".env", "DB_PASSWORD=hunter2", True),
        ("prod.env", "export API_SECRET='a8Fk2-nq'", True),
        (".env.local", "DJANGO_SECRET_KEY=insecure-9x8f7d6s5a", True),
        ("config.yaml", "db:\n  password: S3cure!pass", True),
        ("settings.json", '{"apiToken": "9fK2mQ7xLpZ4"}', True),
        ("app.py", f'API_TOKEN = "{some(24)}"', True),
        ("app.py", "password = get_password()", False),
        ("app.py", 'token = "some-plain-name"', False),
        ("app.py", 'secret_name = "prod-database-9000"', False),
        (".env", "API_TOKEN=changeme", False),
        (".env", "API_TOKEN=${TOKEN}", False),
        (".env", "API_TOKEN=", False),
        ("config.yaml", "tokenizer: bert-base-uncased-2024", False),
        ("config.yaml", "password: {{ vault_password }}", False),
        ("config.yaml", "secret: /run/secrets/db", False),
        ("config.yaml", "token: null", False),
    ],
)
def test_variables_with_a_secrets_name(path: str, text: str, expected: bool) -> None:
    assert (names(f"{text}\n".encode(), path) == ["secret-assignment"]) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ARG DB_PASSWORD=hunter2", True),
        ("ENV DB_PASSWORD hunter22", True),
        ("RUN login --password Tr0ub4dor && x", True),
        ("RUN login --token=9fK2mQ7x", True),
        ("RUN login --token=$TOKEN --password $(cat /run/secrets/p)", False),
        ("RUN --mount=type=secret,id=token,env=TOKEN true", False),
        ("ARG TOKEN", False),
    ],
)
def test_commands(text: str, expected: bool) -> None:
    assert (names(text.encode(), shape="command") == ["secret-assignment"]) is expected


def test_shapes() -> None:
    assert [shape_of(path) for path in (".env", "a/.env.prod", "env.py", "x.yml", "x.py")] == [
        "environment", "environment", "code", "configuration", "code",
    ]  # fmt: skip


def test_large_files_are_read_in_pieces() -> None:
    token = TOKENS["huggingface-token"].encode()
    for at in (LARGEST_WHOLE - 10, LARGEST_WHOLE + 100, 5):
        size = LARGEST_WHOLE + 200

        def read(start: int, count: int, at: int = at, size: int = size) -> bytes:
            data = bytearray(min(count, size - start))
            if start <= at < start + len(data):
                piece = token[: start + len(data) - at]
                data[at - start : at - start + len(piece)] = piece
            elif at < start < at + len(token):
                data[: at + len(token) - start] = token[start - at :]
            return bytes(data)

        assert [one.start for one in in_pieces(read, size)] == [at]


@settings(max_examples=60)
@given(
    st.binary(max_size=300),
    st.sampled_from(sorted(TOKENS.values())),
    st.sampled_from(["a.py", ".env", "x.json", "y.so"]),
)
def test_any_bytes(raw: bytes, token: str, path: str) -> None:
    for data in (raw, raw + token.encode() + raw):
        for one in find(data, path):
            assert 0 <= one.start < one.end <= len(data)
            assert (
                data[one.start : one.end].decode("latin-1")[16:] not in one.shown or one.end - one.start <= 16
            )


PATHOLOGICAL = {
    "urls": b"://" * 50_000,
    "keys": b"-----BEGIN PRIVATE KEY-----" * 5_000,
    "names": b"password=" * 20_000,
    "tokens": b"eyJ" * 60_000,
    "auths": (b'"auth": "' + b"A" * 60) * 2_000,
    "values": b"".join(b"a_token: 9fK2mQ7xLp%d\n" % number for number in range(3_000)),
}


@pytest.mark.parametrize("name", sorted(PATHOLOGICAL))
@pytest.mark.parametrize("binary", [False, True])
def test_hostile_repetitions_end(name: str, binary: bool) -> None:
    assert len(find(PATHOLOGICAL[name], "x.yaml", binary=binary)) <= MOST


def test_letters_do_not_show() -> None:
    assert all(character in LETTERS for character in some(10))
