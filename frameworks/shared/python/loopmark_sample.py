"""What the runs of a batch gave, kept compactly until the batch has ended."""

import zlib
from array import array
from collections.abc import Iterator
from typing import Any

from loopmark_batch import Batch

# A failed run keeps this much of its error, and nothing else.
ERROR_LENGTH = 300


class Samples:
    """What a batch's runs gave: 21 bytes a run, and a text only where there is no way around it."""

    def __init__(self, batch: Batch) -> None:
        self._batch = batch
        self._start_ns = array("Q", bytes(8 * batch.runs))
        self._end_ns = array("Q", bytes(8 * batch.runs))
        self._crc32 = array("I", bytes(4 * batch.runs))
        self._is_cancelled = bytearray(batch.runs)
        self._first_text_ns: dict[int, int] = {}
        self._answers: dict[int, str] = {}
        self._errors: dict[int, str] = {}
        # How late each beat of the heartbeat was; None if the batch asks for no heartbeat.
        self.late_us = array("I") if batch.heartbeat else None

    def answered(self, index: int, start_ns: int, end_ns: int, answer: str) -> None:
        """Keep the sample of a run that gave an answer."""
        self._start_ns[index], self._end_ns[index] = start_ns, end_ns
        if self._batch.answers == "text":
            self._answers[index] = answer
        else:
            self._crc32[index] = zlib.crc32(answer.encode())

    def failed(self, index: int, start_ns: int, end_ns: int, error: BaseException) -> None:
        """Keep the sample of a run that gave none."""
        self._start_ns[index], self._end_ns[index] = start_ns, end_ns
        text = f"{type(error).__name__}: {error}"[:ERROR_LENGTH]
        # A lone surrogate is no JSON to other languages.
        self._errors[index] = text.encode(errors="replace").decode()

    def cancelled(self, index: int, start_ns: int, end_ns: int) -> None:
        """Keep the sample of a run that was cancelled as the batch asked."""
        self._start_ns[index], self._end_ns[index] = start_ns, end_ns
        self._is_cancelled[index] = 1

    def text_was_seen(self, index: int, first_text_ns: int) -> None:
        """Keep when the caller of a run saw its first text."""
        self._first_text_ns[index] = first_text_ns

    def messages(self) -> Iterator[dict[str, Any]]:
        """The protocol's messages: a `sample` for each run, then `batch_done`."""
        for index in range(self._batch.runs):
            sample = {
                "type": "sample",
                "batch": self._batch.batch,
                "run": self._batch.first_run + index,
                "start_ns": self._start_ns[index],
                "end_ns": self._end_ns[index],
            }
            if index in self._first_text_ns:
                sample["first_text_ns"] = self._first_text_ns[index]
            if self._is_cancelled[index]:
                sample["cancelled"] = True
            elif index in self._errors:
                sample["error"] = self._errors[index]
            elif self._batch.answers == "text":
                sample["answer"] = self._answers[index]
            else:
                sample["answer_crc32"] = self._crc32[index]
            yield sample
        done = {"type": "batch_done", "batch": self._batch.batch}
        if self.late_us is not None:
            done["heartbeat_late_us"] = self.late_us.tolist()
        yield done
