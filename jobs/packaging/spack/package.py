# Spack recipe, for Spack 1.0 or newer (0.23: without the line that imports CMakePackage). In a repository of one's own:
# spack repo create FOLDER my; copy this file to packages/fpsweep/package.py in it; spack repo add it.
# `git` must name where the sources are; there is no release archive yet.
from spack.package import *
from spack_repo.builtin.build_systems.cmake import CMakePackage


class Fpsweep(CMakePackage):
    """Sweeps hyperparameters of neural networks over MPI ranks and measures how fast each frequency is learnt."""

    homepage = "https://arxiv.org/abs/1906.09235"
    git = "file:///path/to/fpsweep"

    license("BSD-3-Clause AND GPL-2.0-or-later", checked_by="fpsweep developers")  # FFTW

    version("main", branch="main")
    version("0.1.0", tag="v0.1.0")

    variant("figures", default=True, description="gnuplot, with which fpsweep plot draws")

    depends_on("c", type="build")
    depends_on("cmake@3.22:", type="build")
    depends_on("pkgconfig", type="build")
    depends_on("mpi")
    depends_on("hdf5@1.10:+mpi+hl")
    depends_on("openblas@0.3.20:")
    depends_on("fftw@3.3:~mpi precision=float,double")
    depends_on("libyaml")
    depends_on("muparser@2.3:")
    depends_on("xxhash@0.8:")
    depends_on("random123", type="build")
    depends_on("gnuplot+cairo", type="run", when="+figures")

    def cmake_args(self):
        args = [
            self.define("FPSWEEP_TESTS", False),
            self.define("FPSWEEP_BENCHMARKS", False),
            self.define("RANDOM123_INCLUDE_DIR", self.spec["random123"].prefix.include),
        ]
        # Spack's compilers add -march of the target, the one given last counts: kernels are compiled for every instruction
        # set and chosen at run time, so that bits are the same everywhere.
        if self.spec.satisfies("target=x86_64:"):
            args.append(self.define("CMAKE_C_FLAGS", "-march=x86-64"))
        return args

    def setup_run_environment(self, env):
        env.set("OPENBLAS_NUM_THREADS", "1")

    def test_smoke(self):
        """run a small sweep, and check every row of what comes out"""
        fpsweep = which(self.prefix.bin.fpsweep)
        with working_dir(self.test_suite.stage, create=True):
            with open("smoke.yaml", "w") as sweep:
                sweep.write(
                    "sweep: smoke\n"
                    'fixed: {target: "sin(x) + sin(3*x)", domain: [-pi, pi], steps: 50, samples: 32, grid_points: 32}\n'
                    "grid: {activation: [tanh, relu], precision: [single, double]}\n"
                    "record: {count: 10, frequencies: 8}\n"
                )
            fpsweep("run", "smoke.yaml", "-o", "smoke.h5")
            out = fpsweep("verify", "smoke.h5", "--replay", "4", output=str.split, error=str.split)
            assert "the same bits 4" in out and "sound" in out
