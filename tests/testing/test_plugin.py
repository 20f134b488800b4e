"""The pytest plugin, in a project of somebody else's."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.one_python


def test_its_fixtures_do_what_they_say(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import uuid

        import pytest

        from esignwire import AssureSign
        from esignwire._codec.messages import _is_strict
        from esignwire._client import now, pause
        from esignwire.assuresign import TemplateDocument


        def test_emulator(esignwire_emulator):
            with AssureSign(
                context_identifier=uuid.uuid4(),
                user_name="owner@example.com",
                url=esignwire_emulator.assuresign_url,
            ) as client:
                assert client.async_submit(TemplateDocument(template_id=uuid.uuid4())).id


        def test_strict(esignwire_strict):
            assert _is_strict.get()


        def test_not_strict():
            assert not _is_strict.get()


        def test_pauses(esignwire_no_pauses):
            before = now()
            pause(1_000_000.0)
            assert esignwire_no_pauses.pauses == (1_000_000.0,)
            assert now() - before >= 1_000_000.0


        def test_settings(esignwire_vcr_config):
            assert "serializer" in esignwire_vcr_config
        """
    )
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-W", "error")
    result.assert_outcomes(passed=5)


def test_clients_are_ready(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import asyncio

        import pytest

        from esignwire import AssureSign
        from esignwire.assuresign import TemplateDocument
        from esignwire.constellation1 import Session, SessionInfo

        ORDER = TemplateDocument(template_id="dcb79445-4d39-dd11-8735-00065b8ce99b")


        @pytest.mark.parametrize("time", [1, 2])
        def test_the_emulator_begins_anew(
            time, esignwire_assuresign, esignwire_signix, esignwire_emulator, esignwire_events
        ):
            esignwire_assuresign.submit(ORDER)
            assert len(esignwire_emulator.state.assuresign.documents) == 1
            assert esignwire_events.operations == ("Submit",)
            assert esignwire_signix.transaction(document_set_id="1")


        def test_constellation1(esignwire_constellation1):
            draft = Session(session_info=SessionInfo(title="Offer"))
            assert esignwire_constellation1.create_session(draft).session_id


        def test_a_program_that_makes_its_own_client(esignwire_environment):
            assert "ESIGNWIRE_SIGNIX_URL" in esignwire_environment
            with AssureSign.from_environment() as client:
                assert client.submit(ORDER).id


        def test_async_clients(
            esignwire_async_assuresign, esignwire_async_signix, esignwire_async_constellation1
        ):
            async def work():
                async with (
                    esignwire_async_assuresign as assuresign,
                    esignwire_async_signix,
                    esignwire_async_constellation1 as constellation1,
                ):
                    draft = Session(session_info=SessionInfo(title="Offer"))
                    assert (await constellation1.create_session(draft)).session_id
                    return await assuresign.submit(ORDER)

            assert asyncio.run(work()).id
        """
    )
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-W", "error")
    result.assert_outcomes(passed=5)


def test_a_setting_makes_every_test_strict(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nesignwire_strict_reading = true")
    pytester.makepyfile(
        """
        from esignwire._codec.messages import _is_strict


        def test_strict():
            assert _is_strict.get()
        """
    )
    pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=1)


def test_it_costs_other_projects_next_to_nothing(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import sys


        def test_light():
            for name in ("httpx", "lxml", "pydantic", "zeep", "esignwire.testing.cassettes"):
                assert name not in sys.modules
        """
    )
    pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=1)


def test_it_works_without_pytest_recording(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_nothing(): pass")
    result = pytester.runpytest_subprocess("-p", "no:recording", "-p", "no:cacheprovider")
    result.assert_outcomes(passed=1)


def test_cassettes_of_others_stay_as_they_are(pytester: pytest.Pytester) -> None:
    folder = pytester.mkdir("cassettes") / "test_theirs"
    folder.mkdir()
    (folder / "test_theirs.yaml").write_text(
        "version: 1\ninteractions:\n- request: {method: GET, uri: 'http://x.invalid/', body: '',"
        " headers: {}}\n  response: {status: {code: 200, message: OK}, headers: {}, body:"
        " {string: theirs}}\n",
        encoding="utf-8",
    )
    pytester.makepyfile(
        test_theirs="""
        import urllib.request

        import pytest


        @pytest.mark.vcr
        def test_theirs():
            assert urllib.request.urlopen("http://x.invalid/").read() == b"theirs"
        """
    )
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    result.assert_outcomes(passed=1)
