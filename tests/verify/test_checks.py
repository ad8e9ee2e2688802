import json

from hypothesis import given
from hypothesis import strategies as st

from tare.verify.checks import Subject, equal, judge, shape
from tare.verify.observe import Observation, Reply
from tare.verify.settings import Probe, VerifySettings

SUBJECT = Subject("image", 8000, False)
SETTINGS = VerifySettings(probes=(Probe("/"),))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def seen(
    body: bytes = b"{}", *, again: bytes | None = None, status: int = 200, ended: int | None = None
) -> Observation:
    reply = Reply(status, "application/json", body)
    second = Reply(status, "application/json", body if again is None else again)
    return Observation("10001", {"json": None}, ended, "", True, None, (reply,), (second,), ())


def ok(after: Observation, before: Observation | None) -> bool:
    return judge(after, before, SETTINGS, SUBJECT).ok


def test_equal_answers_pass() -> None:
    assert ok(seen(b'{"a": 1}'), seen(b'{"a": 1}'))


def test_other_answers_fail() -> None:
    assert not ok(seen(b'{"a": 1}'), seen(b'{"a": 2}'))
    assert not ok(seen(b'{"a": 1}', status=500), seen(b'{"a": 1}'))


def test_numbers_are_compared_with_a_tolerance() -> None:
    assert ok(seen(b'{"a": 0.3333333333}'), seen(b'{"a": 0.33333333331}'))
    assert not ok(seen(b'{"a": 0.3333}'), seen(b'{"a": 0.33333333331}'))


def test_an_answer_that_changes_by_itself_is_compared_by_shape() -> None:
    assert ok(seen(b'{"now": 9}'), seen(b'{"now": 1}', again=b'{"now": 2}'))
    assert not ok(seen(b'{"then": 9}'), seen(b'{"now": 1}', again=b'{"now": 2}'))


def test_what_could_not_be_asked_is_not_a_yes() -> None:
    silent = Observation(
        "10001", {}, None, "", True, None, (Reply(error="refused"),), (Reply(error="refused"),), ()
    )
    assert not ok(seen(), silent)
    assert not ok(silent, seen())


def test_a_crash_fails_and_a_job_must_end_alike() -> None:
    assert not ok(seen(ended=1), seen())
    job = Observation("0", {}, 0, "done\n", None, None, (), (), ())
    other = Observation("0", {}, 0, "other\n", None, None, (), (), ())
    settings = VerifySettings()
    assert judge(job, job, settings, Subject("image", None, False)).ok
    assert not judge(other, job, settings, Subject("image", None, False)).ok


def test_only_modules_that_imported_before_must_import_after() -> None:
    before = Observation("0", {"a": None, "b": "ImportError"}, None, "", True, None, (), (), ())
    after = Observation("1", {"a": None, "b": "ImportError"}, None, "", True, None, (), (), ())
    worse = Observation("1", {"a": "ImportError: gone", "b": None}, None, "", True, None, (), (), ())
    settings = VerifySettings(imports=("a", "b"))
    assert judge(after, before, settings, SUBJECT).ok
    assert not judge(worse, before, settings, SUBJECT).ok


@given(JSON)
def test_equality_is_reflexive_and_shape_survives_a_round_trip(value: object) -> None:
    assert equal(value, value, 0.0)
    assert shape(json.loads(json.dumps(value))) == shape(value)
