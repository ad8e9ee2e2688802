"""What an image starts, read from its last instructions."""

import pytest

from tare.dockerfile import parse
from tare.rewrite.start import entry_files, python_of, start_programs, start_scripts

HEAD = "FROM python:3.11\nWORKDIR /app\nCOPY . .\n"
FILES = frozenset({"main.py", "app/main.py", "app/__init__.py", "wsgi.py", "tasks.py", "probe.py"})


@pytest.mark.parametrize(
    ("lines", "entries"),
    [
        ('CMD ["uvicorn", "app.main:app", "--host", "0.0.0.0"]', {"app/main.py"}),
        ("CMD gunicorn -w 4 wsgi:app", {"wsgi.py"}),
        ('ENTRYPOINT ["python"]\nCMD ["main.py"]', {"main.py"}),
        ("CMD python -m uvicorn app.main:app", {"app/main.py"}),
        ('CMD ["sh", "-c", "python main.py"]', {"main.py"}),
        ('CMD ["celery", "-A", "tasks", "worker"]', {"tasks.py"}),
        ('ENTRYPOINT ["tini", "--"]\nCMD ["python", "-u", "main.py"]', {"main.py"}),
        ("HEALTHCHECK CMD python probe.py\nCMD exec gunicorn main:app", {"main.py", "probe.py"}),
        ('CMD ["./run.sh"]', set()),
        ('CMD ["mytool"]', set()),
        ('CMD ["streamlit", "run", "main.py"]', set()),
    ],
)
def test_entry_files(lines: str, entries: set[str]) -> None:
    assert entry_files(parse(f"{HEAD}{lines}\n"), FILES) == entries


@pytest.mark.parametrize(
    ("lines", "programs", "scripts"),
    [
        ("CMD cron && tail -f /x", {"cron", "tail"}, set()),
        ('ENTRYPOINT ["/tini", "--", "/entrypoint.sh"]', {"tini", "--", "entrypoint.sh"}, {"entrypoint.sh"}),
        ('COPY start /usr/bin/\nCMD ["start"]', {"start"}, {"start"}),
        ("CMD bash -c ./run.sh", {"bash"}, {"run.sh"}),
        ('CMD ["python", "app.py"]', {"python"}, set()),
    ],
)
def test_programs_and_scripts(lines: str, programs: set[str], scripts: set[str]) -> None:
    stage = parse(f"{HEAD}{lines}\n").final
    assert start_programs(stage) >= programs
    assert start_scripts(stage) == scripts


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("FROM python:3.11\n", "python"),
        ("FROM ubuntu:24.04\nRUN apt-get install -y python3\n", "python3"),
        ("FROM acme/base:1\nCMD python3.9 x.py\n", "python3.9"),
        ("FROM acme/base:1\nCMD ./serve\n", None),
    ],
)
def test_python_of(text: str, name: str | None) -> None:
    document = parse(text)
    assert python_of(document, document.final) == name
