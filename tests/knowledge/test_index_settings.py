import pytest

from tare.core.errors import UsageError
from tare.knowledge.index_settings import PYPI, index_settings_from_pip, redact

CONF = """
[global]
index-url = https://one.example/simple
extra-index-url =
    https://two.example/simple
    https://three.example/simple
timeout = 12
[install]
find_links = /wheels
no-index = false
"""
LISTED = """\
:env:.find-links='/from-the-environment'
global.cert='/etc/ca.crt'
global.extra-index-url='https://two.example/simple https://three.example/simple'
install.find-links='/wheels'
"""


def test_nothing_set_means_pypi() -> None:
    settings = index_settings_from_pip({})
    assert settings.index_urls == (PYPI,)
    assert settings.find_links == ()


def test_a_configuration_file() -> None:
    settings = index_settings_from_pip({}, CONF)
    assert settings.index_urls == (
        "https://one.example/simple",
        "https://two.example/simple",
        "https://three.example/simple",
    )
    assert settings.find_links == ("/wheels",)
    assert settings.timeout_s == 12
    assert not settings.no_index


def test_the_environment_is_stronger() -> None:
    environ = {"PIP_INDEX_URL": "https://env.example/simple", "PIP_FIND_LINKS": "/a /b", "PIP_NO_INDEX": "1"}
    settings = index_settings_from_pip(environ, CONF)
    assert settings.index_url == "https://env.example/simple"
    assert settings.find_links == ("/a", "/b")
    assert settings.index_urls == ()


def test_what_pip_config_list_prints() -> None:
    settings = index_settings_from_pip({}, LISTED)
    assert settings.cert == "/etc/ca.crt"
    assert settings.extra_index_urls == ("https://two.example/simple", "https://three.example/simple")
    assert settings.find_links == ("/wheels",)


def test_nonsense_is_an_error_with_a_hint() -> None:
    with pytest.raises(UsageError) as caught:
        index_settings_from_pip({}, "no section\n")
    assert caught.value.hint


def test_credentials_never_show() -> None:
    assert redact("https://user:secret@a.example/simple") == "https://***@a.example/simple"
    assert redact("https://a.example/simple") == "https://a.example/simple"
