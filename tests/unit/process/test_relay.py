"""Bytes pass unchanged, whatever they are and however they come; the last of them are kept."""

from __future__ import annotations

import os
import sys
import textwrap
import threading
import time
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tfwrap.failure import failure
from tfwrap.process import relay

if TYPE_CHECKING:
    from collections.abc import Iterable


def relayed(chunks: Iterable[bytes]) -> tuple[bytes, relay.Pump]:
    """Send chunks through a pump; returns what came out, and the pump."""
    source, sink = os.pipe()
    arrived, target = os.pipe()
    pump = relay.Pump(source, target)
    output: list[bytes] = []

    def collect() -> None:
        while chunk := os.read(arrived, 1 << 16):
            output.append(chunk)

    def move() -> None:
        pump.run()
        os.close(target)

    threads = [threading.Thread(target=work) for work in (collect, move)]
    for thread in threads:
        thread.start()
    for chunk in chunks:
        relay.write_all(sink, chunk)
    os.close(sink)
    for thread in threads:
        thread.join()
    os.close(arrived)
    return b"".join(output), pump


@settings(max_examples=150, deadline=None)
@given(st.lists(st.binary(max_size=2000), max_size=30))
def test_any_bytes_in_any_chunks_come_out_the_same(chunks: list[bytes]) -> None:
    output, pump = relayed(chunks)
    assert output == b"".join(chunks)
    assert output.endswith(pump.tail.content())
    assert len(pump.tail.content()) >= min(len(output), relay.KEEP)


@st.composite
def diagnostics(draw: st.DrawFn) -> tuple[str, bytes]:
    """A credential error as Terraform may print it, after the code in it: boxed or not, in colour, wrapped anywhere."""
    code = draw(st.sampled_from(["InvalidClientTokenId", "ExpiredToken", "SignatureDoesNotMatch"]))
    asked = "operation error STS: GetCallerIdentity, https response error StatusCode: 403, RequestID: 0f-1,"
    words = (
        f"validating provider credentials: retrieving caller identity from STS: {asked} api error {code}: It is bad."
    )
    lines = textwrap.wrap(f"Error: {words}", draw(st.integers(30, 400)), break_long_words=False, break_on_hyphens=False)
    box = draw(st.sampled_from([("╷", "│ ", "╵"), None]))
    red, off = draw(st.sampled_from([("\x1b[31m", "\x1b[0m"), ("", "")]))
    if box:
        lines = [f"{red}{box[0]}{off}", *(f"{red}{box[1]}{off}{line}" for line in [*lines, ""]), f"{red}{box[2]}{off}"]
    return code, ("\n" + "\n".join(lines) + "\n\n").encode()


@settings(max_examples=200, deadline=None)
@given(diagnostic=diagnostics(), before=st.binary(max_size=3000), after=st.binary(max_size=3000), data=st.data())
def test_a_credential_error_is_found_however_it_is_written_and_wherever_a_chunk_ends(
    diagnostic: tuple[str, bytes], before: bytes, after: bytes, data: st.DataObject
) -> None:
    code, text = diagnostic
    stream = before.replace(b"\x1b", b"") + text + after
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    output, pump = relayed([stream[start:end] for start, end in pairwise([0, *cuts, len(stream)])])
    assert output == stream
    found = failure.recognise(pump.tail.content())
    assert found is not None
    assert found.code == code


@settings(max_examples=100, deadline=None)
@given(diagnostic=diagnostics(), level=st.sampled_from(["TRACE", "DEBUG", "INFO", "WARN", "ERROR"]))
def test_a_credential_error_in_a_line_of_the_log_is_none(diagnostic: tuple[str, bytes], level: str) -> None:
    text = " ".join(diagnostic[1].decode().split())
    line = f"2026-11-24T10:00:00.000Z [{level}] provider.terraform-provider-aws: {text}\n".encode()
    _, pump = relayed([line])
    assert failure.recognise(pump.tail.content()) is None


def test_a_line_of_ten_megabytes_passes_and_memory_stays_bounded() -> None:
    output, pump = relayed([b"x" * (10 << 20), b"\n", b"end"])
    assert len(output) == (10 << 20) + 4
    assert pump.tail.content().endswith(b"x\nend")
    assert len(pump.tail.content()) <= relay.KEEP + 2 * relay.CHUNK


@pytest.mark.parametrize("sizes", [[relay.KEEP], [1] * 5, [relay.CHUNK] * 20, [relay.KEEP * 3], [0, 1, 0]])
def test_the_tail_is_the_end_and_little_more(sizes: list[int]) -> None:
    tail = relay.Tail()
    everything = b""
    for number, size in enumerate(sizes):
        chunk = bytes([65 + number % 26]) * size
        everything += chunk
        for start in range(0, size, relay.CHUNK):
            part = chunk[start : start + relay.CHUNK]
            tail.room()[: len(part)] = part
            assert bytes(tail.take(len(part))) == part
    kept = tail.content()
    assert everything.endswith(kept)
    assert len(kept) >= min(len(everything), relay.KEEP)


@pytest.mark.skipif(sys.platform != "linux", reason="only there a pipe's size can be set")
@pytest.mark.parametrize(("content", "holds"), [(b"x" * (1 << 20), relay.WIDE_PIPE), (b"x" * 5000, relay.PIPE)])
def test_a_pipe_that_was_full_gets_wider_and_another_does_not(content: bytes, holds: int) -> None:
    import fcntl

    source, sink = os.pipe()
    target = os.open(os.devnull, os.O_WRONLY)
    pump = relay.Pump(source, target)
    mover = threading.Thread(target=pump.run)
    filler = threading.Thread(target=relay.write_all, args=(sink, content))
    filler.start()
    filler.join(0.1)
    mover.start()
    filler.join()
    while pump.moved < len(content):
        time.sleep(0.001)
    assert fcntl.fcntl(sink, fcntl.F_GETPIPE_SZ) == holds
    os.close(sink)
    mover.join()
    os.close(target)


def test_a_reader_that_went_away_closes_the_source_so_that_the_writer_notices() -> None:
    source, sink = os.pipe()
    arrived, target = os.pipe()
    os.close(arrived)
    os.write(sink, b"x")
    relay.Pump(source, target).run()
    with pytest.raises(BrokenPipeError):
        os.write(sink, b"y")
    os.close(sink)
    os.close(target)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
def test_a_full_disk_loses_the_words_and_not_the_writer() -> None:
    source, sink = os.pipe()
    target = os.open("/dev/full", os.O_WRONLY)
    pump = relay.Pump(source, target)
    thread = threading.Thread(target=pump.run)
    thread.start()
    for _ in range(3):
        relay.write_all(sink, b"x" * relay.CHUNK)
    os.close(sink)
    thread.join()
    assert pump.moved == 3 * relay.CHUNK
    assert pump.tail.content() == b"x" * 3 * relay.CHUNK
    os.close(target)


def test_a_reader_that_does_not_wait_is_waited_for() -> None:
    arrived, target = os.pipe()
    os.set_blocking(target, False)
    content = os.urandom(1 << 20)
    output = bytearray()

    def collect() -> None:
        while len(output) < len(content):
            output.extend(os.read(arrived, 1 << 16))

    reader = threading.Thread(target=collect)
    reader.start()
    relay.write_all(target, content)
    reader.join()
    assert bytes(output) == content
    os.close(arrived)
    os.close(target)
