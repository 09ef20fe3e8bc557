"""Stories about the worker and the server: what runs away is stopped, what dies comes back."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from csat.commands.serving import JobWorker
from csat.models.work import Job, JobState
from csat.procedure.core import jobs
from tests.builders import NOW
from tests.ports import a_free_port

GIGABYTE = 1024**3


@pytest.fixture
def works(db, monkeypatch):
    """Works that run away in each way there is."""

    def kill(arguments, progress):
        os.kill(os.getpid(), signal.SIGKILL)

    monkeypatch.setitem(jobs.JOB_HANDLERS, "well", lambda arguments, progress: {"made": 1})
    monkeypatch.setitem(jobs.JOB_HANDLERS, "endless", lambda arguments, progress: time.sleep(60))
    monkeypatch.setitem(jobs.JOB_HANDLERS, "greedy", lambda arguments, progress: {"made": len(bytearray(8 * GIGABYTE))})
    monkeypatch.setitem(jobs.JOB_HANDLERS, "killed", kill)
    monkeypatch.setitem(jobs.JOB_HANDLERS, "gone", lambda arguments, progress: os._exit(3))


def done(kind: str, worker: JobWorker) -> Job:
    jobs.queue_job(kind, {}, None, NOW)
    worker.do(jobs.claim_next_job())
    return Job.select().order_by(Job.id.desc()).first()


def test_work_is_done_in_a_process_of_its_own(works):
    job = done("well", JobWorker())
    assert (job.state, job.outcome) == (JobState.DONE, {"made": 1})


@pytest.mark.parametrize(
    ("kind", "refusal"),
    [("endless", jobs.TOO_LONG), ("greedy", jobs.TOO_MUCH), ("killed", jobs.TOO_MUCH), ("gone", jobs.BROKEN)],
)
def test_what_runs_away_is_stopped_with_a_clear_refusal_and_the_next_is_done(works, kind, refusal):
    worker = JobWorker(longest=0.5 if kind == "endless" else 30, memory=4 * GIGABYTE)
    job = done(kind, worker)
    assert (job.state, job.refusal) == (JobState.FAILED, refusal)
    assert done("well", worker).state == JobState.DONE


def test_a_stopping_worker_gives_its_work_back(works):
    worker = JobWorker()
    worker._stopping = True
    assert done("endless", worker).state == JobState.WAITING


def test_a_worker_that_dies_is_started_again_until_the_server_ends(tmp_path):
    log = tmp_path / "log"
    worker = [sys.executable, "-c", f"open({str(log)!r}, 'a').write('x')"]
    server = [sys.executable, "-c", UNTIL_TWICE, str(log)]
    program = (
        "from csat.commands.serving import ServiceSupervisor; "
        f"raise SystemExit(ServiceSupervisor({server!r}, {worker!r}).keep())"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert ended.returncode == 1 and "starting it again" in ended.stderr
    assert len(log.read_text()) >= 2


UNTIL_TWICE = """
import pathlib, sys, time
log = pathlib.Path(sys.argv[1])
for _ in range(600):
    if log.exists() and log.stat().st_size >= 2:
        break
    time.sleep(0.1)
"""


def served(folder: Path, port: int, **more: str) -> dict[str, str]:
    known = {name: value for name, value in os.environ.items() if not name.startswith("CSAT_")}
    return {**known, "CSAT_INSTANCE": str(folder), "CSAT_LISTEN": f"127.0.0.1:{port}", "CSAT_WORKERS": "1", **more}


def csat(*words: str) -> list[str]:
    return [sys.executable, "-m", "flask", "csat", *words]


def test_serve_makes_the_store_answers_and_stops_when_told(tmp_path):
    port = a_free_port()
    with subprocess.Popen(csat("serve"), env=served(tmp_path, port), cwd=tmp_path) as serving:
        try:
            assert healthy(port)
            taken = subprocess.run(csat("serve"), env=served(tmp_path, port), capture_output=True, text=True)
            assert taken.returncode == 1 and taken.stderr.count("\n") == 1
            assert "CSAT_LISTEN" in taken.stderr
        finally:
            serving.terminate()
        assert serving.wait(120) == 0
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def healthy(port: int) -> bool:
    for _ in range(1800):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz") as answer:
                return answer.status == 200
        except OSError:
            time.sleep(0.1)
    return False


def test_a_wrong_setting_stops_the_start_with_one_line(tmp_path):
    environment = served(tmp_path, 1, CSAT_WORKERS="many")
    wrong = subprocess.run(csat("serve"), env=environment, capture_output=True, text=True)
    assert wrong.returncode == 1
    assert wrong.stderr.strip() == "CSAT_WORKERS must be a whole number from 1 to 64, not 'many'."
