"""One measured run, in a process of its own: says on stdout, as JSON, how many seconds of CPU each part of it took.

python benchmarks/one_run.py round-trip corpus.ndjson
python benchmarks/one_run.py stages corpus.ndjson ecs ocsf
"""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from time import process_time

BLOCK = 32 * 1024
"""What one read takes. Larger blocks cost the floors more: each one's bytes are mapped anew, and cold in the cache."""
AT_HAND = 8
"""So many records are mapped and written between two looks at the clock: one by one, those looks would be measured."""
STAGES = ("read", "check and map", "write")
CHECK_ALONE = "the check by itself"


def floor(make: Callable[[list[bytes]], bytes], corpus: Path) -> dict[str, float]:
    """The CPU time of a floor, its reading and writing by the block included."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    begun = process_time()
    with corpus.open("rb", buffering=BLOCK) as file:
        while lines := file.readlines(BLOCK):
            os.write(nowhere, make(lines))
    return {"all": process_time() - begun}


def stages(targets: list[str], corpus: Path) -> dict[str, float]:
    """The CPU time of each of Doorlog's stages.

    Check and mapping are one function for records of a usual shape, so the check is timed by itself, too: as
    `jsonschema-rs` does it for all others.
    """
    from doorlog.intake import Intake
    from doorlog.normalize import normalizer
    from doorlog.outputs import Event, open_output
    from doorlog.record import Reject, Skip
    from doorlog.schema import RecordSchema

    normalize, proves, intake = normalizer(targets), RecordSchema().proves, Intake()
    output = open_output("stdout", "json", targets, stdout=os.open(os.devnull, os.O_WRONLY))
    spent = dict.fromkeys((*STAGES, CHECK_ALONE), 0.0)
    gc.freeze()  # as `doorlog run` has it
    gc.set_threshold(50_000)
    descriptor = os.open(corpus, os.O_RDONLY)
    while True:
        begun = process_time()
        data = os.read(descriptor, BLOCK)
        found = intake.feed(data) if data else intake.end()
        records = [what for what, _, _, _ in found if isinstance(what, dict)]
        read = process_time()
        proved = [proves(record) for record in records]
        checked = process_time()
        spent["read"] += read - begun
        spent[CHECK_ALONE] += checked - read
        for start in range(0, len(records), AT_HAND):
            begun = process_time()
            outcomes = [normalize(record) for record in records[start : start + AT_HAND]]
            mapped = process_time()
            events = [outcome for outcome in outcomes if not isinstance(outcome, Reject | Skip)]
            output.write([Event(one, "", 0, None) for several in events for one in several if one is not None])
            spent["check and map"] += mapped - begun
            spent["write"] += process_time() - mapped
        assert all(proved), "every record of the corpus is valid"
        if not data:
            return spent


def main() -> None:
    """Runs what the command line names."""
    import floors

    what, corpus, *targets = sys.argv[1:]
    if what == "stages":
        spent = stages(targets, Path(corpus))
    else:
        spent = floor({"round-trip": floors.round_trip, "hand-written": floors.hand_written}[what], Path(corpus))
    print(json.dumps(spent))


if __name__ == "__main__":
    main()
