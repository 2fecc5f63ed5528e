"""Runs one measurement in its own process and prints its seconds, processor time and peak memory as a line of JSON."""

import argparse
import gc
import json
import resource
import time
from datetime import datetime

import django

from tests.benchmarks import processor_time
from tests.benchmarks.contenders import CONTENDERS


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("name", choices=[*CONTENDERS, "tables"])
    parser.add_argument("--address", default="")
    parser.add_argument("--since", type=datetime.fromisoformat)
    asked = parser.parse_args()
    django.setup()
    if asked.name == "tables":
        return _create_tables()
    contender = CONTENDERS[asked.name]
    contender.prepare()()
    read = contender.read()
    gc.collect()
    own = time.process_time()
    processor, began = processor_time.spent(), time.perf_counter()
    read(address=asked.address, since=asked.since)
    seconds, processor = time.perf_counter() - began, processor_time.spent() - processor
    own = time.process_time() - own
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "processor_seconds": processor, "own_seconds": own, "peak_mb": peak}))
    return None


def _create_tables() -> None:
    from django.core.management import call_command

    from tests.benchmarks.contenders import limit, peers

    call_command("migrate", verbosity=0)
    peers.create_tables()
    limit.create_tables()


if __name__ == "__main__":
    main()
