"""Programs that a module starts, directly or through functions of its own."""

import ast

import pytest

from tare.context.behaviour import observe


@pytest.mark.parametrize(
    ("source", "programs"),
    [
        ('def said(*words):\n    return subprocess.run(words)\n\n\nsaid("git", "--version")\n', {"git"}),
        (
            'def tool(name, file):\n    run([name, file])\n    subprocess.call([name])\n\n\ntool("file", "x.png")\n',
            {"file"},
        ),
        (
            "class Media:\n    def go(self, command):\n        subprocess.Popen(command)\n\n\n"
            'Media().go(["ffmpeg", "-i", "a.mp4"])\n',
            {"ffmpeg"},
        ),
        ('def show(*words):\n    print(words)\n\n\nshow("git", "--version")\n', set()),
        ("def said(*words):\n    return subprocess.run(words)\n\n\nsaid(name)\nsaid()\n", set()),
    ],
)
def test_programs_started_through_a_function(source: str, programs: set[str]) -> None:
    assert {found.value for found in observe(ast.parse(source), "app.py").programs} == programs
