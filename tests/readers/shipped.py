"""shipped.py FPSWEEP VALIDATE SWEEPS: a file of every sweep in the folder SWEEPS is sound, says validate.py and `verify --format`.

Of every sweep the first task is run, alone, and stopped after some seconds of processor time: the file has all of the
sweep's rows, of which one is finished or none.
"""

import glob
import os
import signal
import subprocess
import sys
import tempfile
import time

program, validator, folder = sys.argv[1:4]
SECONDS = 3  # of processor time, not of a clock: what is finished must not depend on what else the machine does
STOPPED = 75


def processor_time(process):
    """Seconds that a process has computed: fields 14 and 15 of its stat file, counted behind its name in brackets."""
    with open(f"/proc/{process.pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def run_first_task(sweep, out):
    """Exit status of the run: 0 or 75."""
    log = out + ".log"
    with open(log, "w", encoding="utf-8") as words:
        process = subprocess.Popen([program, "run", sweep, "-o", out, "--task", "0"], stdin=subprocess.DEVNULL,
                                   stdout=words, stderr=subprocess.STDOUT)
        told = False
        while process.poll() is None:
            if not told and processor_time(process) > SECONDS:
                process.send_signal(signal.SIGUSR1)
                told = True
            time.sleep(0.02)
    with open(log, encoding="utf-8") as words:
        assert process.returncode in (0, STOPPED), f"{sweep}: status {process.returncode}: {words.read()[-600:]}"
    return process.returncode


sweeps = sorted(glob.glob(os.path.join(folder, "*.yaml")))
assert len(sweeps) >= 27, f"{folder} has only {len(sweeps)} sweeps"
with tempfile.TemporaryDirectory() as scratch:
    files = [os.path.join(scratch, os.path.basename(sweep)[:-5] + ".h5") for sweep in sweeps]
    finished = [run_first_task(sweep, out) == 0 for sweep, out in zip(sweeps, files)]
    checks = [[sys.executable, validator] + files] + [[program, "verify", "--format", out] for out in files]
    wrong = []
    for command in checks:
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            wrong.append(f"{' '.join(command[:3])}: status {done.returncode}: {done.stdout[-2000:]}{done.stderr[-600:]}")
stopped = [os.path.basename(sweep) for sweep, end in zip(sweeps, finished) if not end]
print(f"{len(files)} files, {sum(finished)} with a finished row (stopped before: {', '.join(stopped) or 'none'}); "
      f"not sound: {len(wrong)}")
print("\n".join(wrong))
# a file without a finished row says little
assert 2 * sum(finished) > len(files), "most first tasks were stopped"
sys.exit(1 if wrong else 0)
