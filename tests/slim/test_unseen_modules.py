"""The trace united with the static closure: what was seen, what that imports, what C code names, what the application does."""

from pathlib import Path

from tare.slim.proof import prove
from tare.slim.steps.unseen_modules import UnseenModules
from tests.slim.images import SITE, distribution, planned, removed

SMALL = b"\x7fELF" + bytes(60)
FILES = {
    "app/main.py": b"def later():\n    import lazy_of_app\n",
    f"{SITE}/lazy_of_app.py": b"",
    f"{SITE}/seen/__init__.py": b"from . import top\ndef f():\n    from . import lazy\n",
    f"{SITE}/seen/top.py": b"",
    f"{SITE}/seen/lazy.py": b"",
    f"{SITE}/seen/data.json": b"{}",
    f"{SITE}/seen/fast.cpython-311-x86_64-linux-gnu.so": SMALL
    + b"PyImport_ImportModule\0named.by.c\0other words\0",
    f"{SITE}/seen/__pycache__/lazy.cpython-311.pyc": b"1",
    f"{SITE}/named/__init__.py": b"",
    f"{SITE}/named/by/__init__.py": b"",
    f"{SITE}/named/by/c.py": b"",
    f"{SITE}/named/by/d.py": b"",
    f"{SITE}/gone/__init__.py": b"import seen\n",
    f"{SITE}/gone/data.bin": b"1",
    f"{SITE}/gone/sub/deep.py": b"",
    f"{SITE}/looked/empty/x.py": b"",
    f"{SITE}/single.py": b"",
    f"{SITE}/gone.pth": b"",
    **distribution("gone", ["gone/__init__.py", "gone/data.bin", "gone/sub/deep.py"]),
}
SEEN = frozenset(
    {
        f"{SITE}/seen/__pycache__/__init__.cpython-311.pyc",
        f"{SITE}/seen/fast.cpython-311-x86_64-linux-gnu.so",
        f"{SITE}/looked/empty",
    }
)


def test_modules_that_nothing_leads_to_go(tmp_path: Path) -> None:
    files = {**FILES, f"{SITE}/seen/__pycache__/__init__.cpython-311.pyc": b"1"}
    with planned(tmp_path, files, [UnseenModules(SEEN, ("start",))]) as plan:
        left = {path[len(SITE) + 1 :] for path in plan.view.present() if path.startswith(f"{SITE}/")}
        assert removed(plan) >= {f"{SITE}/gone/data.bin", f"{SITE}/seen/__pycache__/lazy.cpython-311.pyc"}
        assert left == {
            "seen/__init__.py", "seen/top.py", "seen/data.json", "seen/fast.cpython-311-x86_64-linux-gnu.so",
            "seen/__pycache__/__init__.cpython-311.pyc", "named/__init__.py", "named/by/__init__.py", "named/by/c.py",
            "lazy_of_app.py", "gone.pth", "gone-1.0.dist-info/METADATA", "gone-1.0.dist-info/RECORD",
        }  # fmt: skip
        assert plan.view.visible(f"{SITE}/looked/empty") and not plan.view.visible(f"{SITE}/gone")
        assert not prove(plan).problems
        assert any("of 16 modules" in note for note in plan.view.notes), plan.view.notes
        assert any(note.startswith("risk:") and "seen.lazy" in note for note in plan.view.notes)
        record = plan.view.content(f"{SITE}/gone-1.0.dist-info/RECORD").decode()
        assert "gone/data.bin" not in record and "tare-modified.json" in record


def test_without_a_trace_nothing_goes(tmp_path: Path) -> None:
    with planned(tmp_path, FILES, [UnseenModules()]) as plan:
        assert not removed(plan)
