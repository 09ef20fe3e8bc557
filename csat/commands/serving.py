"""Serving: the web server, and beside it the worker that does long work (design, 'Long work')."""

from __future__ import annotations

import ctypes
import logging
import multiprocessing
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from types import FrameType

import click

from csat import clock, database
from csat.adapters import sealing
from csat.commands.group import csat
from csat.commands.opening import open_system, set_up_system
from csat.config import PROJECT_ROOT, Config, ConfigurationWrong, load_config
from csat.models.work import Job
from csat.procedure.core import jobs
from csat.procedure.mail import account_mails, outbox, survey_mails

log = logging.getLogger("csat.work")
LOOK_SECONDS = 60.0  # seconds between two looks for survey mails that go by themselves
POLL_SECONDS = 1.0  # seconds between two looks into the queue
JOB_SECONDS = 600  # seconds that one job may take
JOB_MEMORY = 2 * 1024**3  # bytes that one job may use
PR_SET_PDEATHSIG = 1
STOP_SECONDS = 20  # seconds that a server has to finish what it answers


@csat.command()
def serve() -> None:
    """Serve the pages at CSAT_LISTEN with CSAT_WORKERS processes, and do long work beside them."""
    config = load_config()
    _refuse_busy_port(config)
    set_up_system(config)
    database.close_store()
    click.echo(f"Serving {config.base_url} (listening on {config.host}:{config.port}); Ctrl-C stops.")
    sys.exit(ServiceSupervisor(build_server_command(config), [sys.executable, "-m", "flask", "csat", "work"]).keep())


@csat.command()
def work() -> None:
    """Do the long work that people asked for, one job after another, until stopped."""
    open_system()
    with database.only_one("worker") as ours:
        if not ours:
            raise ConfigurationWrong("A worker for this store is running already.")
        JobWorker().run()


def build_server_command(config: Config) -> list[str]:
    """How the web server is started (docs/decisions/0005-server.md)."""
    return [
        *(sys.executable, "-m", "granian", "--interface", "wsgi"),
        *("--host", config.host, "--port", str(config.port)),
        *("--workers", str(config.workers), "--blocking-threads", "4"),
        *("--respawn-failed-workers", "--workers-kill-timeout", str(STOP_SECONDS)),
        *("--http", "1", "--no-ws", "--log-level", "warning", "--no-access-log"),
        "wsgi:app",
    ]


def _refuse_busy_port(config: Config) -> None:
    """Say in one line that somebody else listens there, before anything is started."""
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a server that just ended does not count
        try:
            probe.bind((config.host.strip("[]"), config.port))
        except OSError as error:
            where = f"{config.host}:{config.port}"
            raise ConfigurationWrong(f"CSAT_LISTEN: nobody can listen on {where}: {error.strerror}.") from error


class ServiceSupervisor:
    """Keeps a server and a worker running: a worker that dies is started again, a server ends it all."""

    def __init__(self, server: list[str], worker: list[str]) -> None:
        self._commands = {"server": server, "worker": worker}
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._stopping = False

    def keep(self) -> int:
        """Run until told to stop, or until the server ends; return the exit status."""
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, self._stop)
        self._start("server")
        self._start("worker")
        try:
            while not self._stopping and self._running["server"].poll() is None:
                if self._running["worker"].poll() is not None:
                    click.echo("The worker ended; starting it again.", err=True)
                    time.sleep(POLL_SECONDS)
                    self._start("worker")
                time.sleep(0.2)
        finally:
            self._end_all()
        return 0 if self._stopping else 1

    def _start(self, name: str) -> None:
        # A session of their own: Ctrl-C reaches us alone, and we end them in order.
        self._running[name] = subprocess.Popen(  # our own programs
            self._commands[name],
            cwd=PROJECT_ROOT,
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            preexec_fn=_end_with_parent,
        )

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self._stopping = True

    def _end_all(self) -> None:
        for process in self._running.values():
            if process.poll() is None:
                process.terminate()
        until = time.monotonic() + STOP_SECONDS
        for process in self._running.values():
            try:
                process.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


class JobWorker:
    """Does jobs one after another, each in a process of its own, so that none can harm the next."""

    def __init__(self, longest: float = JOB_SECONDS, memory: int = JOB_MEMORY) -> None:
        self._longest, self._memory = longest, memory
        self._next_look = 0.0  # of the monotonic clock
        self._stopping = False

    def run(self) -> None:
        """Work until told to stop."""
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, self._stop)
        for left in jobs.list_orphaned_jobs():
            jobs.requeue_job(left)
        while not self._stopping:
            job = jobs.claim_next_job()
            if job is None:
                self._queue_mails()
                outbox.wake_sender(clock.now())
                time.sleep(POLL_SECONDS)
            else:
                self.do(job)

    def _queue_mails(self) -> None:
        """What goes by itself, looked for once a minute; what breaks there must not stop the worker."""
        config = load_config()
        if config.mails and time.monotonic() >= self._next_look:
            self._next_look = time.monotonic() + LOOK_SECONDS
            try:
                account_mails.queue_notices(clock.now())
                survey_mails.queue_survey_mails(clock.now(), config.timezone, lambda: sealing.create_key(config.keys))
            except Exception:
                log.exception("mails that go by themselves could not be queued")

    def do(self, job: Job) -> None:
        """Do one job within its limits; say in the store what became of it."""
        database.close_store()  # a connection must not be shared over a fork
        child = multiprocessing.get_context("fork").Process(target=_limited, args=(job, self._memory))
        child.start()
        until = time.monotonic() + self._longest
        while child.is_alive() and time.monotonic() < until and not self._stopping:
            child.join(0.1)
        self._conclude(job, child)

    def _conclude(self, job: Job, child: multiprocessing.process.BaseProcess) -> None:
        unfinished = child.is_alive()
        if unfinished:
            child.kill()
            child.join()
        if unfinished and self._stopping:
            jobs.requeue_job(job)
        elif unfinished:
            jobs.fail_job(job, jobs.TOO_LONG)
        elif child.exitcode:
            jobs.fail_job(job, jobs.TOO_MUCH if child.exitcode in (-signal.SIGKILL, -signal.SIGSEGV) else jobs.BROKEN)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self._stopping = True


def _end_with_parent() -> None:
    """Let this process get SIGTERM when whoever started it dies, however that comes."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _limited(job: Job, memory: int) -> None:
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, signal.SIG_DFL)
    _end_with_parent()
    # memory that a hostile upload or a huge export takes must not take the machine
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    jobs.run_job(job)
    database.close_store()
