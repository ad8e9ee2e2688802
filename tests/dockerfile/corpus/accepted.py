"""Dockerfiles that BuildKit accepts, by name. Raw strings: a backslash is a backslash."""

SERVICE = r"""# syntax=docker/dockerfile:1
ARG PYTHON=3.11
FROM python:${PYTHON}-slim AS build
ENV PIP_NO_CACHE_DIR=1 \
    PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
COPY requirements.txt ./
RUN --mount=type=cache,target=/root/.cache/pip \
    pip install --prefix=/install -r requirements.txt

FROM python:${PYTHON}-slim
# The runtime has no compiler.
COPY --from=build /install /usr/local
COPY --chown=1000:1000 . .
USER 1000
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --retries=3 CMD curl -f http://localhost:8000/health || exit 1
CMD ["uvicorn", "main:app", "--host", "0.0.0.0"]
"""

CUDA = r"""FROM nvidia/cuda:12.1.1-cudnn8-devel-ubuntu22.04
LABEL maintainer="ml@example.org" \
      org.opencontainers.image.title="Trainer"
ENV DEBIAN_FRONTEND=noninteractive
RUN apt-get update && apt-get install -y --no-install-recommends \
    # compilers
    build-essential \

    git \
    python3-pip \
 && rm -rf /var/lib/apt/lists/*
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
RUN pip3 install torch==2.1.0 --index-url https://download.pytorch.org/whl/cu121
VOLUME /data /models
ENTRYPOINT ["python3", "train.py"]
"""

HEREDOCS = r"""FROM debian:bookworm-slim
RUN <<EOF
apt-get update
apt-get install -y curl
EOF
COPY <<-"CONF" /etc/app.conf
	key = $value
	CONF
COPY <<one <<two /etc/
1
one
2
two
ADD --chmod=755 <<run.sh /usr/bin/run.sh
#!/bin/sh
echo "# not a comment"
run.sh
RUN python3 <<'PY' > /tmp/out
print("a" \
"b")
PY
RUN cat 3<<X <&3
X
"""

ACCEPTED: dict[str, str] = {
    "service": SERVICE,
    "service-crlf": SERVICE.replace("\n", "\r\n"),
    "cuda": CUDA,
    "cuda-crlf": CUDA.replace("\n", "\r\n"),
    "heredocs": HEREDOCS,
    "heredocs-crlf": HEREDOCS.replace("\n", "\r\n"),
    "one-line": "FROM scratch",
    "one-line-newline": "FROM scratch\n",
    "byte-order-mark": "\ufeffFROM scratch\n",
    "byte-order-mark-directive": "\ufeff# escape=`\nFROM scratch\nRUN a `\n  b\n",
    "lower-case": "from scratch\nrun echo hi\nenv a=b\n",
    "mixed-case": "FrOm scratch As Base\nRuN x\n",
    "leading-blank-lines": "\n\n   \nFROM scratch\n\n\n",
    "leading-comments": "# hello\n#\n# world\nFROM scratch\n",
    "indented": "  FROM scratch\n\t RUN x\n   # c\n  COPY a b\n",
    "no-final-newline-continued": "FROM scratch\nRUN a \\",
    "continued-to-the-end": "FROM scratch\nRUN a \\\n\n# c\n\n",
    "continuation-own-line": "FROM scratch\nRUN a \\\n\\\n b\n",
    "continuation-first": "FROM scratch\n\\\nRUN a\n",
    "continuation-splits-keyword": "FROM scratch\nRU\\\nN a\n",
    "continuation-splits-flag": "FROM scratch\nCOPY --fr\\\nom=x a b\n",
    "continuation-in-quotes": 'FROM scratch\nENV a="b \\\n c" d=e\n',
    "continuation-trailing-blanks": "FROM scratch\nRUN a \\  \t\n b\n",
    "double-escape-is-no-continuation": "FROM scratch\nRUN echo a\\\\\nRUN b\n",
    "triple-escape": "FROM scratch\nRUN echo a\\\\\\\nRUN b\n",
    "comments-in-continuation": "FROM scratch\nRUN a && \\\n# one\n   # two\n b\n",
    "blank-in-continuation": "FROM scratch\nRUN a && \\\n\n   \n b\n",
    "comment-ends-in-backslash": "FROM scratch\n# c \\\nRUN a\n",
    "comment-at-end-of-line-is-text": "FROM scratch\nRUN a # b\nENV a b # c\n",
    "escape-backtick": "# escape=`\nFROM scratch\nRUN dir c:\\ `\n  && echo\nWORKDIR c:\\\n",
    "escape-backslash": "# escape=\\\nFROM scratch\nRUN a \\\n b\n",
    "escape-too-late": "# hello\n# escape=`\nFROM scratch\nRUN a \\\n b\n",
    "escape-after-blank": "\n# escape=`\nFROM scratch\nRUN a \\\n b\n",
    "directive-spaces": "#   EsCaPe   =   `   \nFROM scratch\nRUN a `\n b\n",
    "directive-indented": "  # escape=`\nFROM scratch\nRUN a `\n b\n",
    "directive-syntax-and-escape": "# syntax=docker/dockerfile:1.7-labs\n# escape=`\nFROM scratch\nRUN a `\n b\n",
    "directive-unknown-ends": "# foo=bar\n# escape=`\nFROM scratch\nRUN a \\\n b\n",
    "syntax-repeated-late": "# syntax=a\n# c\n# syntax=b\nFROM scratch\n",
    "check-directive": "# check=skip=JSONArgsRecommended;error=true\nFROM scratch\nCMD a\n",
    "shebang": "#!/usr/bin/env docker build\nFROM scratch\n",
    "global-args": 'ARG A=1\nARG B="$A-x"\nFROM img:${B} AS s\nARG A\nRUN echo $A\n',
    "arg-many": "FROM scratch\nARG a b=1 c='x y' d=\"e f\"\n",
    "arg-quoted": 'ARG X="a b"\nFROM scratch\n',
    "from-platform": "FROM --platform=$BUILDPLATFORM golang:1.22 AS b\nFROM --platform=linux/amd64 scratch\n",
    "from-digest": "FROM a.example:5000/x/y:z@sha256:" + "0" * 64 + "\n",
    "from-quoted": 'FROM "python:3.11"\n',
    "stage-from-stage": "FROM scratch AS a\nFROM a AS b\nFROM b\n",
    "stage-names": "FROM scratch AS a.b-c_d9\nFROM A.example/x\n",
    "copy-from-later-stage": "FROM scratch AS a\nCOPY --from=b /x /y\nFROM scratch AS b\nCOPY x /x\nFROM a\n",
    "copy-from-index": "FROM scratch\nCOPY a /a\nFROM scratch\nCOPY --from=0 /a /b\n",
    "copy-from-image": "FROM scratch\nCOPY --from=ghcr.io/astral-sh/uv:0.4 /uv /bin/\n",
    "copy-json": 'FROM scratch\nCOPY ["a b", "c", "/d e/"]\nADD ["x", "y"]\n',
    "copy-json-broken": "FROM scratch\nCOPY [a, b] c\nCOPY [abc] d\n",
    "copy-flags": "FROM scratch\nCOPY --link --chown=a:b --chmod=0644 --exclude=*.py --exclude=*.c --parents a b\n",
    "copy-link-false": "FROM scratch\nCOPY --link=FALSE a b\n",
    "add-flags": "FROM scratch\nADD --keep-git-dir=true --checksum=sha256:00 --unpack https://x/y.git#v1 /z\n",
    "copy-many": "FROM scratch\nCOPY a  b\tc \\\n d /e/\n",
    "env-old": "FROM scratch\nENV a b  c \nENV\td\te=f\nLABEL x y z\n",
    "env-new": 'FROM scratch\nENV a=b c=\'d e\' f="g h" i=j\\ k l= m=""\n',
    "env-equals": "FROM scratch\nENV a=b=c=d\n",
    "env-quoted-key": "FROM scratch\nENV 'a b'=c\n",
    "env-trailing-escape": "FROM scratch\nENV a=b\\\\\n",
    "env-unicode": 'FROM scratch\nENV ключ=значение emoji=🐳\nLABEL é="ü ö"\n',
    "label-multi": 'FROM scratch\nLABEL a.b="c" \\\n  d.e="f \\\n g" \\\n  h=i\n',
    "run-exec": 'FROM scratch\nRUN ["/bin/a", "b c", "\\u0041\\n\\"q\\""]\n',
    "run-exec-spaces": 'FROM scratch\nRUN   [ "a" , "b" ]   \n',
    "run-exec-continued": 'FROM scratch\nRUN ["a", \\\n  # c\n  "b"]\n',
    "run-exec-trailing-text": 'FROM scratch\nRUN ["a"] && b\n',
    "run-json-broken": "FROM scratch\nRUN ['a', 'b']\nCMD [\"a\",]\nCMD [ -f x ] && y\n",
    "run-json-control": 'FROM scratch\nRUN ["a\tb"]\n',
    "run-json-empty": "FROM scratch AS a\nRUN []\nFROM scratch\nCMD []\nENTRYPOINT []\n",
    "run-json-nan": "FROM scratch\nRUN [NaN]\nRUN [Infinity, -Infinity]\n",
    "run-json-surrogates": 'FROM scratch\nRUN ["\\ud83d\\udc33", "\\ud800", "\\udc00x"]\n',
    "run-empty": "FROM scratch\nCMD\nENTRYPOINT\n",
    "run-flags": "FROM scratch\nRUN --network=none --security=sandbox --mount=type=ssh --mount=type=secret,id=a,required x\n",
    "run-mounts": (
        "FROM scratch\nRUN --mount=type=bind,source=a,target=/b,rw \\\n --mount=type=tmpfs,target=/t,size=1g \\\n"
        " --mount=type=cache,id=c,target=/c,sharing=locked,uid=1,gid=2,mode=0755 x\n"
    ),
    "run-mount-quoted": 'FROM scratch\nRUN --mount="type=cache,target=/a b" x\n',
    "run-mount-csv": "FROM scratch\nRUN --mount='\"type=cache\",target=/x' x\n",
    "run-mount-from": "FROM scratch AS s\nCOPY a /a\nFROM scratch\nRUN --mount=from=s,target=/m x\n",
    "run-mount-variable": "FROM scratch\nARG T\nRUN --mount=type=cache,target=$T x\n",
    "run-dashes": "FROM scratch\nRUN -- --x y\nRUN - x\nRUN --network=none -- x\n",
    "flag-quotes": "FROM scratch\nCOPY --chown='a':\"b\" x y\nCOPY --chown=a\\:b x y\n",
    "flag-empty": "FROM scratch\nCOPY --chown= x y\n",
    "arg-flags-are-not-checked": "FROM scratch\nARG --x=1 a\nSTOPSIGNAL --x=1 9\nHEALTHCHECK --x NONE\n",
    "heredoc-not": "FROM scratch\nRUN <<<x y\nRUN << EOF\nRUN echo '<<EOF'\nRUN a<<EOF\nRUN echo \"<<EOF\nCMD <<a\n",
    "heredoc-not-in-json": 'FROM scratch\nRUN ["cat", "<<EOF"]\n',
    "heredoc-empty": "FROM scratch\nRUN <<EOF\nEOF\n",
    "heredoc-no-final-newline": "FROM scratch\nRUN <<EOF\nx\nEOF",
    "heredoc-spaced-name": "FROM scratch\nRUN <<'A B' cat\nx\nA B\n",
    "heredoc-tabs": "FROM scratch\nRUN <<-EOF\n\t\tx\n\t y\n\t\tEOF\n",
    "heredoc-indented-terminator-is-text": "FROM scratch\nRUN <<EOF\n EOF\nEOF \nEOF\n",
    "heredoc-continued": "FROM scratch\nRUN <<EOF \\\n  cat\nx \\\nEOF\n",
    "heredoc-escaped-name": "FROM scratch\nRUN <<\\EOF cat\n$x\nEOF\n",
    "heredoc-variable-name": "FROM scratch\nRUN <<$x cat\na\n$x\n",
    "heredoc-mixed-quotes": "FROM scratch\nRUN <<E'O'F\na\nEOF\n",
    "heredoc-in-command": "FROM scratch\nRUN cat <<a && cat <<b\n1\na\n2\nb\n",
    "heredoc-then-comment": "FROM scratch\nRUN <<EOF\nx\nEOF\n# c\nRUN y\n",
    "heredoc-backtick": "# escape=`\nFROM scratch\nRUN <<EOF `\n cat\nx\nEOF\n",
    "onbuild": 'FROM scratch\nONBUILD RUN --mount=type=cache,target=/x a\nONBUILD COPY ["a b", "c"]\nonbuild env a=b\n',
    "onbuild-heredoc": "FROM scratch\nONBUILD RUN <<EOF\nx\nEOF\nRUN y\n",
    "onbuild-unknown": "FROM scratch\nONBUILD FOO bar\n",
    "healthchecks": (
        "FROM scratch\nHEALTHCHECK NONE\nHEALTHCHECK none\n"
        'HEALTHCHECK --interval=1h2m3.5s --start-period=0 --start-interval=100ms CMD ["a", "b"]\n'
        "HEALTHCHECK --retries=0 \\\n  cmd  a || b\n"
    ),
    "maintainer": "FROM scratch\nMAINTAINER A. Person <a@example.org>\n",
    "expose": 'FROM scratch\nEXPOSE 80 443/tcp  53/udp 7000-7010 127.0.0.1:80:80 90-91:80 ":81" 80/ $P\n',
    "volume": 'FROM scratch\nVOLUME ["/a b", "/c"]\nVOLUME /d /e\n',
    "stopsignals": "FROM scratch\nSTOPSIGNAL SIGTERM\nSTOPSIGNAL 9\nSTOPSIGNAL term\nSTOPSIGNAL sigrtmin+3\nSTOPSIGNAL $S\n",
    "user-workdir": "FROM scratch\nUSER app:app\nWORKDIR /a b\nWORKDIR c/$D\nUSER a b\n",
    "bad-word-in-unneeded-stage": "FROM scratch AS a\nWORKDIR ${x\nFROM scratch\nCOPY a /a\n",
    "carriage-returns": "FROM scratch\r\r\nRUN a \\\r\n b\r\nRUN c\rd\r\n",
    "vertical-white-space": "FROM\vscratch\fAS\tx\nRUN a\v\\\n\fb\n",
    "no-break-space": "FROM scratch\nRUN a\u00a0b\u00a0\n\u00a0RUN x\n",
    "line-separators-are-text": "FROM scratch\nRUN a\u2028b\x85c\x1cd\n",
    "hash-in-value": "FROM scratch\nRUN echo #x\nENV a=#b\nCOPY #a b\n",
}
