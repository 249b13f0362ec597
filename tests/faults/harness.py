"""What the fault tests share: the undisturbed reference, launching a run, killing it, waiting until nothing of it is left."""
import collections
import os
import shutil
import signal
import subprocess
import sys
import time

import h5py
import numpy

HERE = os.path.dirname(os.path.abspath(__file__))
# What may differ between two runs of the same sweep: who ran a task, when and how often.
NOT_RESULTS = {"seconds", "rank", "attempts", "finished", "scalars_checksum", "self_test", "kernel_class",
               "heartbeat", "running", "rate"}


class Wrong(Exception):
    """A promise was broken."""


def enter_namespace():
    """Start this program again in a mount namespace of its own: whatever happens, its mounts vanish with it. Returns why
    that cannot be done here; empty inside."""
    if os.environ.get("FPSWEEP_NAMESPACE") == "inside":
        return ""
    words = ["unshare", "--mount", "--propagation", "private"]
    if os.geteuid() != 0 or not shutil.which("unshare"):
        return "it takes root and unshare to mount a disk of one's own"
    if subprocess.run([*words, "true"], stderr=subprocess.DEVNULL, check=False).returncode != 0:
        return "no mount namespace can be made here"
    os.environ["FPSWEEP_NAMESPACE"] = "inside"
    os.execvp(words[0], [*words, sys.executable, *sys.argv])


class Reference:
    """All result variables of the undisturbed file."""

    def __init__(self, path):
        with h5py.File(path, "r") as file:
            self.tasks = file["outcome"].shape[0]
            self.rows = {name: file[name][()] for name in file if self.is_result(file, name)}
            if not (file["outcome"][()] == 1).all():
                raise Wrong("the undisturbed run is not complete")

    def is_result(self, file, name):
        variable = file[name]
        return (isinstance(variable, h5py.Dataset) and name not in NOT_RESULTS and variable.ndim > 0
                and variable.shape[0] == self.tasks)

    def compare(self, file, task):
        for name, rows in self.rows.items():
            if file[name][task].tobytes() != rows[task].tobytes():
                raise Wrong(f"task {task} is marked done, but its {name} differs from the undisturbed run's")

    def compare_done(self, path, known):
        """Compare the rows that have become done since `known`; return all that are done now."""
        with h5py.File(path, "r") as file:
            done = numpy.flatnonzero(file["outcome"][()] == 1)
            lost = known - set(done.tolist())
            if lost:
                raise Wrong(f"rows that were done are so no longer: {sorted(lost)[:10]}")
            for task in done:
                if int(task) not in known:
                    self.compare(file, int(task))
        return set(done.tolist())


def ranks_of(launcher):
    """Processes that the launcher has started, by their parents."""
    children = collections.defaultdict(list)
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/stat", encoding="ascii", errors="replace") as stat:
                    children[int(stat.read().rsplit(")", 1)[1].split()[1])].append(int(entry))
            except (OSError, IndexError):
                pass
    return children[launcher]


def alive(pids):
    """Is one of them more than a zombie?"""
    for pid in pids:
        try:
            with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
                if stat.read().rsplit(")", 1)[1].split()[0] not in "ZX":
                    return True
        except (OSError, IndexError):
            pass
    return False


def kill(pids, number=signal.SIGKILL):
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass


ENVIRONMENT = dict(os.environ, OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1",
                   OMPI_MCA_rmaps_base_oversubscribe="1", OMPI_MCA_mpi_yield_when_idle="1",
                   OMPI_MCA_hwloc_base_binding_policy="none")


class Run:
    """One `mpirun -n RANKS fpsweep run SWEEP -o PATH --resume`, with what it says appended to LOG."""

    def __init__(self, program, sweep, path, ranks, log, every="0.3s"):
        self.log = log
        with open(log, "ab") as out:
            self.before = out.tell()
            self.launcher = subprocess.Popen(
                ["mpirun", "-n", str(ranks), program, "run", sweep, "-o", path, "--resume", "--checkpoint-every", every],
                env=ENVIRONMENT, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True)
        self.seen = set()

    def running(self):
        return self.launcher.poll() is None

    def ranks(self):
        found = ranks_of(self.launcher.pid)
        self.seen.update(found)
        return found

    def kill(self, victims=None):
        """Kill these processes; all ranks and the launcher unless told otherwise."""
        kill([*self.ranks(), self.launcher.pid] if victims is None else victims)

    def finish(self, timeout_s=120, leave=False):
        """Wait until no process of the run is left (`leave`: until the launcher is gone); return the launcher's status."""
        until = time.monotonic() + timeout_s
        while self.launcher.poll() is None:
            self.ranks()
            if time.monotonic() > until:
                kill([*self.seen, self.launcher.pid])
                raise Wrong(f"a run did not end within {timeout_s} s")
            time.sleep(0.05)
        until = time.monotonic() + 30
        while not leave and alive(self.seen):
            if time.monotonic() > until:
                raise Wrong("ranks outlive their launcher by 30 s")
            time.sleep(0.05)
        return self.launcher.returncode

    def words(self):
        """What the run has said."""
        with open(self.log, encoding="utf-8", errors="replace") as log:
            log.seek(self.before)
            return log.read()
