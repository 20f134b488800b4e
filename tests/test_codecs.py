"""The generated codecs: what is written is read back, and it satisfies the schema."""

from __future__ import annotations

import pytest
from hypothesis import given

from tests.strategies import ALL_CODECS, Codec, instances, modest


@pytest.mark.parametrize("codec", ALL_CODECS, ids=lambda codec: codec.name)
def test_what_is_written_is_read_back(codec: Codec) -> None:
    @modest(25)
    @given(instances(codec.kind))
    def check(value: object) -> None:
        found, reader = codec.read(codec.write(value))
        assert found == value
        assert reader.unknown == []

    check()
