"""live.py FPSWEEP SWEEP FILE: read the file with every reader while a run writes it; every done row must be right."""

import os
import subprocess
import sys
import time

import numpy as np

import results_file as rf

program, sweep, path = sys.argv[1:4]
here = os.path.dirname(os.path.abspath(__file__))
for leftover in (path, path + ".lock"):
    if os.path.exists(leftover):
        os.remove(leftover)
environment = dict(os.environ, HDF5_USE_FILE_LOCKING="BEST_EFFORT")
run = subprocess.Popen([program, "run", sweep, "-o", path], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
reads, checked, partial = 0, 0, 0
readers = ["h5py", "netcdf4", "h5netcdf", "ncdump"]
try:
    while run.poll() is None and not os.path.exists(path):
        time.sleep(0.01)
    while run.poll() is None or reads < len(readers):
        file = rf.Results(path)
        done = np.flatnonzero(file["outcome"] == rf.DONE)
        partial += 0 < len(done) < len(file["outcome"])
        for i in done:
            assert rf.checksum(file, i) == file["checksum"][i], f"task {i} is marked done and wrong"
            checked += 1
        reader = readers[reads % len(readers)]
        result = subprocess.run([sys.executable, os.path.join(here, "read.py"), reader, path], capture_output=True,
                                text=True, env=environment)
        if result.returncode not in (0, rf.SKIPPED):
            print(result.stdout, result.stderr)
            sys.exit(f"{reader} failed while the run was writing")
        reads += 1
    message = run.stderr.read()
    assert run.returncode == 0, message
finally:
    if run.poll() is None:
        run.kill()
        run.wait()
print(f"{reads} reads by {len(readers)} readers in turn, {partial} of them in the middle of the run, "
      f"{checked} done rows checked")
assert reads >= len(readers) and partial > 0 and checked > 0, "the run ended too quickly to be read; make the sweep longer"
