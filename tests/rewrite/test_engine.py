"""The gate: a transform that breaks the file, or changes more than it says, is refused."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tare.core.text import Edit, Span
from tare.dockerfile import Dockerfile, parse
from tare.rewrite.engine import rewrite
from tare.rewrite.facts import Facts
from tare.rewrite.registry import TRANSFORMS
from tare.rewrite.transform import Outcome, Proposal, Transform
from tare.schema.finding import Applicability
from tests.dockerfile.corpus.accepted import ACCEPTED

TEXT = 'FROM python:3.11\nRUN true\nCMD ["a"]\n'


def transform(*edits: Edit) -> Transform:
    def plan(document: Dockerfile, facts: Facts) -> Outcome:
        return Proposal(edits, "because", Applicability.SAFE)

    return Transform("odd", "Odd", "", plan)


def test_edits_that_break_the_file_are_refused() -> None:
    result = rewrite(TEXT, Facts(), [transform(Edit(Span(17, 20), "RUNN"))])
    assert result.text == TEXT and result.steps[0].status == "refused"


def test_edits_that_swallow_a_neighbour_are_refused() -> None:
    at = TEXT.index("true") + 4
    result = rewrite(TEXT, Facts(), [transform(Edit(Span(at, at), " \\"))])
    assert result.text == TEXT and result.steps[0].status == "refused"


def test_what_is_left_out_is_on_the_record() -> None:
    result = rewrite(TEXT, Facts(), TRANSFORMS, without=["non-root"], dropped={"non-root": "on request"})
    step = next(step for step in result.steps if step.transform == "non-root")
    assert (step.status, step.reason) == ("dropped", "on request")


def test_every_valid_file_stays_valid_and_settles() -> None:
    for text in ACCEPTED.values() if isinstance(ACCEPTED, dict) else ACCEPTED:
        source = text if isinstance(text, str) else text[1]
        result = rewrite(source, Facts(port=8000, health_path="/health"), TRANSFORMS)
        parse(result.text)
        assert not [step for step in result.steps if step.reason.startswith("its edits")], source


INSTRUCTIONS = st.sampled_from(
    [
        "RUN apt-get update",
        "RUN apt-get install -y gcc vim libpq-dev",
        "RUN apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*",
        "RUN pip install --user -r requirements.txt",
        "RUN pip install torch && python -m nltk.downloader punkt",
        "RUN pip3 install --no-cache-dir flask; apt-get clean",
        "RUN python -m venv /venv",
        "RUN <<EOF\nset -e\npip install flask\nEOF",
        "RUN curl -sSL https://example.com/x | sh",
        "COPY . .",
        "COPY requirements.txt /tmp/",
        "ADD . /app",
        "WORKDIR /app",
        "ENV PATH=/venv/bin:$PATH",
        "ENV A=1 B=2",
        "ARG API_TOKEN",
        "RUN echo $API_TOKEN",
        "USER app",
        "EXPOSE 8000",
        "# a comment",
        "",
        "CMD python app.py",
        'CMD ["python", "app.py"]',
        "HEALTHCHECK CMD curl -f http://localhost:8000/ || exit 1",
        "FROM python:3.11-slim",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(INSTRUCTIONS, max_size=9), st.sets(st.sampled_from([t.name for t in TRANSFORMS]), max_size=6))
def test_any_file_and_any_subset_stay_valid(lines: list[str], without: set[str]) -> None:
    text = "\n".join(["FROM python:3.11", *lines]) + "\n"
    facts = Facts(distributions=frozenset({"torch"}), port=8000)
    result = rewrite(text, facts, TRANSFORMS, without=without)
    parse(result.text)
    assert not [step for step in result.steps if step.reason.startswith("its edits")]
    assert rewrite(result.text, facts, TRANSFORMS, without=without).text == result.text
