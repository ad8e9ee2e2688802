"""Scripts that start a container tell which programs must be in the image."""

from pathlib import Path

from tare.context.scripts import script_programs
from tare.context.walk import read_context


def programs(root: Path, *names: str) -> frozenset[str] | None:
    return script_programs(read_context(root, root / "Dockerfile"), names)


def test_follows_scripts_that_a_script_calls(tmp_path: Path) -> None:
    (tmp_path / "docker").mkdir()
    (tmp_path / "docker" / "entrypoint.sh").write_text(
        '#!/bin/bash\nset -e\nuntil nc -z "$DB" 5432; do sleep 1; done\n./migrate.sh\nexec "$@"\n'
    )
    (tmp_path / "migrate.sh").write_text("curl -fsS http://x | tar xz && echo git\n")
    found = programs(tmp_path, "entrypoint.sh")
    assert found is not None and {"nc", "curl", "tar"} <= found and "git" not in found


def test_a_script_that_is_not_there_leaves_it_open(tmp_path: Path) -> None:
    assert programs(tmp_path, "entrypoint.sh") is None
    assert programs(tmp_path) == frozenset()


def test_what_is_no_shell_counts_with_every_word(tmp_path: Path) -> None:
    (tmp_path / "start").write_text("#!/usr/bin/env perl\nsystem('git', 'pull');\n")
    found = programs(tmp_path, "start")
    assert found is not None and "git" in found


def test_services_start_what_their_files_name(tmp_path: Path) -> None:
    (tmp_path / "supervisord.conf").write_text("[program:web]\ncommand=nginx -g 'daemon off;'\n")
    found = programs(tmp_path, "supervisord")
    assert found is not None and "nginx" in found


def test_a_link_that_leaves_the_context_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "secret.sh").write_text("curl x\n")
    (tmp_path / "in" / "run.sh").symlink_to(tmp_path / "secret.sh")
    assert programs(tmp_path / "in", "run.sh") is None
