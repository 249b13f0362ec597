"""recipe.py FILE PREFIX: what a recipe says, carried out without its tool: Spack and EasyBuild are seldom there.

FILE is Spack's package.py, or an easyconfig (.eb). Stand-ins take the place of what the tool would bring, and know only the
words of its interface that the recipe uses: a misspelt one fails. Its checks run on what is installed in PREFIX.
"""

import contextlib
import os
import subprocess
import sys
import tempfile
import types

recipe, prefix = sys.argv[1:3]
program = os.path.join(prefix, "bin", "fpsweep")
os.environ["PATH"] = os.path.dirname(program) + os.pathsep + os.environ["PATH"]


class Folder(str):
    """Spack's prefix: attributes are folders and files in it."""

    def __getattr__(self, name):
        return Folder(os.path.join(self, name))


def run(*words):
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)
    assert done.returncode == 0, (words, done.stdout)
    return done.stdout


class Spec:
    """A concrete spec on x86-64; its dependencies are those of the recipe alone."""

    def __init__(self, names):
        self.names = names

    def __getitem__(self, name):
        assert name in self.names, f"{name} is no dependency of the recipe"
        return types.SimpleNamespace(prefix=Folder("/packages/" + name))

    def satisfies(self, constraint):
        assert constraint == "target=x86_64:", constraint
        return True


def spack():
    said = {"version": [], "variant": [], "depends_on": [], "license": []}

    def directive(name, options):
        def keep(first, **given):
            assert not set(given) - options, f"{name}({first}): {set(given) - options}"
            said[name].append((first, given))
        return keep

    @contextlib.contextmanager
    def working_dir(path, create=False):
        before = os.getcwd()
        os.makedirs(path, exist_ok=create)
        os.chdir(path)
        yield
        os.chdir(before)

    class CMakePackage:
        @staticmethod
        def define(name, value):
            text = {True: "ON", False: "OFF"}.get(value, value)
            return f"-D{name}:{'BOOL' if isinstance(value, bool) else 'STRING'}={text}"

    scope = {"version": directive("version", {"branch", "tag"}), "variant": directive("variant", {"default", "description"}),
             "depends_on": directive("depends_on", {"type", "when"}), "license": directive("license", {"checked_by"}),
             "working_dir": working_dir, "which": lambda path: lambda *words, **_: run(path, *words)}
    package, build = types.ModuleType("spack.package"), types.ModuleType("spack_repo.builtin.build_systems.cmake")
    package.__dict__.update(scope)
    build.CMakePackage = CMakePackage
    for name in ("spack", "spack_repo", "spack_repo.builtin", "spack_repo.builtin.build_systems"):
        sys.modules[name] = types.ModuleType(name)
    sys.modules.update({"spack.package": package, build.__name__: build})
    names = {"__name__": "recipe"}
    with open(recipe, encoding="utf-8") as file:
        exec(compile(file.read(), recipe, "exec"), names)
    it = names["Fpsweep"]()
    needed = [first.split("@")[0].split("+")[0].split("~")[0] for first, _ in said["depends_on"]]
    it.spec, it.prefix = Spec(needed), Folder(prefix)
    arguments = it.cmake_args()
    assert all(a.startswith("-D") for a in arguments) and len(arguments) >= 3, arguments
    changed = {}
    it.setup_run_environment(types.SimpleNamespace(set=changed.__setitem__))
    os.environ.update(changed)
    with tempfile.TemporaryDirectory() as stage:
        it.test_suite = types.SimpleNamespace(stage=stage)
        tests = [name for name in dir(it) if name.startswith("test_") and callable(getattr(it, name))]
        for name in tests:
            getattr(it, name)()
    assert tests and said["version"] and {"hdf5", "mpi", "openblas"} <= set(needed)
    print(f"Spack: {len(needed)} dependencies, {len(tests)} test ran; cmake {' '.join(arguments)}")


def easybuild():
    known = {"SOURCE_TAR_GZ": "%(name)s-%(version)s.tar.gz", "SYSTEM": {"name": "system", "version": "system"}}
    said = dict(known)
    with open(recipe, encoding="utf-8") as file:
        exec(compile(file.read(), recipe, "exec"), said)
    said = {name: value for name, value in said.items() if name not in known and not name.startswith("__")}
    needed = {"easyblock", "name", "version", "homepage", "description", "toolchain", "toolchainopts", "sources",
              "builddependencies", "dependencies", "configopts", "sanity_check_paths", "sanity_check_commands",
              "modextravars", "moduleclass"}
    assert set(said) == needed, set(said) ^ needed
    file_name = f"{said['name']}-{said['version']}-{said['toolchain']['name']}-{said['toolchain']['version']}.eb"
    assert os.path.basename(recipe) == file_name, file_name
    os.environ.update(said["modextravars"])
    paths = said["sanity_check_paths"]
    for path in paths["files"] + paths["dirs"]:
        assert os.path.exists(os.path.join(prefix, path)), f"{path} is not installed"
    for command in said["sanity_check_commands"]:
        run("sh", "-c", command % {"installdir": prefix})
    print(f"EasyBuild: {len(said['dependencies'])} dependencies, {len(said['sanity_check_commands'])} commands ran")


easybuild() if recipe.endswith(".eb") else spack()
