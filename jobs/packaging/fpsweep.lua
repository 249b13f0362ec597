-- Lmod: put it at MODULEPATH/fpsweep/VERSION.lua; `prefix` is where cmake --install went.
help([[Sweeps hyperparameters of neural networks over MPI ranks and measures how fast each frequency is learnt.
fpsweep --help; man fpsweep; man 5 fpsweep-sweep; sweeps in $FPSWEEP_SWEEPS, job scripts in $FPSWEEP_JOBS.]])
whatis("Name: fpsweep")
whatis("Description: frequency principle of neural networks, swept over hyperparameters")
conflict("fpsweep")

local prefix = os.getenv("FPSWEEP_PREFIX") or "/opt/fpsweep"
-- depends_on("openmpi", "hdf5")   -- as it was built here
prepend_path("PATH", pathJoin(prefix, "bin"))
prepend_path("MANPATH", pathJoin(prefix, "share/man"))
prepend_path("CMAKE_PREFIX_PATH", prefix)
for _, folder in ipairs({"lib", "lib64"}) do
    if isDir(pathJoin(prefix, folder)) then
        prepend_path("LD_LIBRARY_PATH", pathJoin(prefix, folder))
        prepend_path("PKG_CONFIG_PATH", pathJoin(prefix, folder, "pkgconfig"))
    end
end
setenv("FPSWEEP_ROOT", prefix)
setenv("FPSWEEP_SWEEPS", pathJoin(prefix, "share/fpsweep/sweeps"))
setenv("FPSWEEP_JOBS", pathJoin(prefix, "share/fpsweep/jobs"))
setenv("OPENBLAS_NUM_THREADS", "1")
