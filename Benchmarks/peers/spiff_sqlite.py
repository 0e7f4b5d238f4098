"""SpiffWorkflow with its state in SQLite: runs of 24 steps side by side, each step saved before the next is taken.

Prints steps per second.
"""

import json
import os
import sqlite3
import tempfile
import time

from SpiffWorkflow.serializer.json import JSONSerializer
from SpiffWorkflow.specs import Simple, WorkflowSpec
from SpiffWorkflow.workflow import Workflow

RUNS = 50
STEPS = 24


def specification():
    spec = WorkflowSpec(name="canary", addstart=True)
    before = spec.start
    for number in range(STEPS):
        task = Simple(spec, f"step {number}", manual=True)
        before.connect(task)
        before = task
    return spec


def main():
    spec, serializer = specification(), JSONSerializer()
    with tempfile.TemporaryDirectory() as folder:
        database = sqlite3.connect(os.path.join(folder, "runs.db"), isolation_level=None)
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        database.execute("CREATE TABLE runs (id INTEGER PRIMARY KEY, state TEXT NOT NULL)")
        runs = [Workflow(spec) for _ in range(RUNS)]
        start = time.perf_counter()
        for number in range(STEPS):
            # All runs of one round in one transaction, which is kind to it.
            database.execute("BEGIN")
            for index, run in enumerate(runs):
                run.run_all(halt_on_manual=True)
                next(iter(run.get_tasks(spec_name=f"step {number}"))).run()
                state = json.dumps(serializer.serialize_workflow(run, include_spec=False), default=str)
                database.execute("INSERT OR REPLACE INTO runs VALUES (?, ?)", (index, state))
            database.execute("COMMIT")
        spent = time.perf_counter() - start
        for run in runs:
            run.run_all(halt_on_manual=True)
        assert all(run.is_completed() for run in runs)
    print(RUNS * STEPS / spent)


main()
