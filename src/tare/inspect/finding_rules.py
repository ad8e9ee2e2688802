"""The kinds of findings of `tare inspect`, and what their pages say. Codes are for ever.

Image findings have codes of their own, TR9xxx: they come from bytes, not from the text of a Dockerfile.
"""

from dataclasses import dataclass

from tare.schema.lint import Category, Severity
from tare.schema.rule import RuleExample, RulePage


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRule:
    """One kind of finding. `subject` is the cause of waste, or the kind of what-if item, that it is about; `title` says what
    was found, `why` what it costs and what to do; the examples show a Dockerfile that makes such bytes, and one that does not."""

    code: str
    name: str
    subject: str
    title: str
    why: str
    severity: Severity = Severity.WARNING
    category: Category = "size"
    examples: tuple[RuleExample, ...]


_LOWER = (
    "A layer never changes once it is made: what a later one overwrites or deletes stays in it, is stored in every registry"
    " and moved by every pull."
)

FINDING_RULES: tuple[FindingRule, ...] = (
    FindingRule(
        code="TR9001",
        name="overwritten-files",
        subject="overwritten",
        title="A later layer overwrites files; both versions are stored and pulled.",
        why=f"{_LOWER} Write the file once, or in one RUN. Usual reasons are an upgrade of packages that an earlier step"
        " installed, and a COPY on top of another. `tare slim --level lossless` keeps the last version only.",
        examples=(
            RuleExample(
                "FROM python:3.11-slim\nRUN pip install torch==2.1.0\nRUN pip install --upgrade torch==2.2.0\n",
                "FROM python:3.11-slim\nRUN pip install torch==2.2.0\n",
            ),
        ),
    ),
    FindingRule(
        code="TR9002",
        name="metadata-copies",
        subject="metadata",
        title="A later layer changes only owner, mode or time; the content is stored again.",
        why="A layer holds whole files. So `chown -R` or `chmod -R` over a directory of lower layers doubles it. Set owner and"
        " mode where the files are written: `COPY --chown --chmod`, or in the RUN that makes them.",
        examples=(
            RuleExample(
                "FROM python:3.11-slim\nCOPY . /app\nRUN chown -R 1000:1000 /app\n",
                "FROM python:3.11-slim\nCOPY --chown=1000:1000 . /app\n",
            ),
        ),
    ),
    FindingRule(
        code="TR9003",
        name="deleted-files",
        subject="whiteout",
        title="A later layer deletes files; they are still stored and pulled.",
        why=f"{_LOWER} Delete the file in the RUN that made it, mount it (`RUN --mount=type=bind`), or download and use it in"
        " one RUN. `tare slim --level lossless` drops it.",
        examples=(
            RuleExample(
                "FROM debian:12\nCOPY model.tar.gz /tmp/\nRUN tar -xf /tmp/model.tar.gz -C /srv\nRUN rm /tmp/model.tar.gz\n",
                "FROM debian:12\nRUN --mount=type=bind,source=model.tar.gz,target=/tmp/model.tar.gz tar -xf"
                " /tmp/model.tar.gz -C /srv\n",
            ),
        ),
    ),
    FindingRule(
        code="TR9004",
        name="deleted-directories",
        subject="directory-whiteout",
        title="A later layer deletes directories; they are still stored and pulled.",
        why=f"{_LOWER} One entry, `.wh.NAME`, hides the whole directory, which tools that count whiteouts by name do not see."
        " Delete it in the RUN that filled it.",
        examples=(
            RuleExample(
                "FROM debian:12\nRUN git clone https://example.com/lib.git /src && make -C /src install\nRUN rm -rf /src\n",
                "FROM debian:12\nRUN git clone https://example.com/lib.git /src && make -C /src install && rm -rf /src\n",
            ),
        ),
    ),
    FindingRule(
        code="TR9005",
        name="emptied-directories",
        subject="opaque",
        title="A later layer empties directories; what they held is still stored and pulled.",
        why=f"{_LOWER} A directory that is removed and made anew in one step becomes opaque: `.wh..wh..opq` hides all that"
        " lower layers put there. Empty it in the RUN that filled it.",
        examples=(
            RuleExample(
                "FROM debian:12\nRUN make-cache /var/cache/app\nRUN rm -rf /var/cache/app && mkdir /var/cache/app\n",
                "FROM debian:12\nRUN make-cache /var/cache/app && rm -rf /var/cache/app && mkdir /var/cache/app\n",
            ),
        ),
    ),
    FindingRule(
        code="TR9006",
        name="replaced-directories",
        subject="replaced-directory",
        title="A later layer puts something else in place of a directory.",
        why=f"{_LOWER} A file or link that takes a directory's name hides everything beneath it. Make the link first, or move"
        " what the directory holds in the step that fills it.",
        examples=(
            RuleExample(
                "FROM debian:12\nCOPY models /srv/models\nRUN rm -r /srv/models && ln -s /mnt/models /srv/models\n",
                "FROM debian:12\nRUN ln -s /mnt/models /srv/models\n",
            ),
        ),
    ),
    FindingRule(
        code="TR9007",
        name="repeated-entries",
        subject="repeated",
        title="A layer holds the same path more than once.",
        why="The last entry counts, and the others are bytes that no path shows. No Dockerfile does that; a tool that appends to"
        " layers did. Build the image again, or let `tare slim --level lossless` write the layer anew.",
        examples=(),
    ),
    FindingRule(
        code="TR9010",
        name="duplicate-content",
        subject="duplicates",
        title="The same content lies at several paths.",
        why="Equal files that are not links of each other are each stored, and pulled unless they are in one layer and compress"
        " well together. Keep one copy and link the others; or copy from the context once. Files under 4 KiB are not counted.",
        severity=Severity.INFO,
        examples=(
            RuleExample(
                "FROM python:3.11-slim\nCOPY model.onnx /srv/model.onnx\nCOPY model.onnx /app/model.onnx\n",
                "FROM python:3.11-slim\nCOPY model.onnx /srv/model.onnx\nRUN ln -s /srv/model.onnx /app/model.onnx\n",
            ),
        ),
    ),
    FindingRule(
        code="TR9020",
        name="removable-files",
        subject="class",
        title="Files of a kind that the running application does not need.",
        why="Caches of package managers, bytecode that nothing imports, test suites, headers and static libraries, debug symbols,"
        " documentation, version control, notebooks, logs. The finding names the kind, its bytes and the fix; `tare inspect"
        " --slim` plans what could really go.",
        severity=Severity.INFO,
        examples=(
            RuleExample(
                "FROM python:3.11-slim\nRUN pip install torch\n",
                "FROM python:3.11-slim\nRUN --mount=type=cache,target=/root/.cache/pip pip install torch\n",
                "package-manager cache",
            ),
        ),
    ),
    FindingRule(
        code="TR9021",
        name="build-time-packages",
        subject="package",
        title="Packages that serve building or debugging, not running.",
        why="Compilers, development files, version control, editors and network tools take hundreds of megabytes, and each brings"
        " its vulnerabilities. Compile in a builder stage and copy only what runs.",
        severity=Severity.INFO,
        examples=(
            RuleExample(
                "FROM python:3.11-slim\nRUN apt-get update && apt-get install -y build-essential\nRUN pip install lightgbm\n",
                "FROM python:3.11 AS builder\nRUN python -m venv /venv && /venv/bin/pip install lightgbm\n\n"
                "FROM python:3.11-slim\nCOPY --from=builder /venv /venv\n",
            ),
        ),
    ),
    FindingRule(
        code="TR9090",
        name="budget-exceeded",
        subject="budget",
        title="The image exceeds a limit of its budget.",
        why="A limit of the command line, of `[budget]` in `tare.toml` or of `.dive-ci` does not hold, or the figure is not"
        " known, which counts as failed. The message says the limit, the figure and where the limit was set. `tare inspect` exits"
        " with 1.",
        severity=Severity.ERROR,
        examples=(),
    ),
)


def finding_pages() -> tuple[RulePage, ...]:
    """The page of each, by code."""
    return tuple(
        RulePage(
            code=one.code,
            name=one.name,
            title=one.title,
            why=one.why,
            severity=one.severity,
            category=one.category,
            equivalents=(),
            on_by_default=True,
            fixes=(),
            safety="",
            examples=one.examples,
            clean=(),
            found_by="inspect",
        )
        for one in FINDING_RULES
    )
