#!/usr/bin/env python3
"""Run the sweeps of this folder, draw their figures and write the page that shows them, README.md.

    python3 sweeps/gallery.py                  every sweep: run what is not finished, draw, write the page
    python3 sweeps/gallery.py quickstart deep  these sweeps only
    python3 sweeps/gallery.py --page           write the page alone, from what is there
    python3 sweeps/gallery.py --check          is the page what --page would write? Nothing is run or written.

Everything said about a sweep stands in the comment at the top of its file:

    # Question: one paragraph, up to the first empty line
    #
    # what was varied and measured; lines that are indented keep their form
    #
    # Came out: any text
    #
    # Time: how long it takes, and what to raise on a cluster
    #
    # Theme: critical decay, 3             one of THEMES, and the place in it
    # Study: CRITICAL_DECAY.md             the document that discusses it, if there is one
    # Figure: theta --where "samples > 1"  what follows `fpsweep plot FILE.h5`; -o NAME.png for another name

Times are measured: they come from the results files and are kept, with the hash of the sweep, in figures/measured.csv.
So the page can be written without the results, and tells which figures belong to an older form of a sweep.
Needs Python 3.8 without further modules; to run and draw also fpsweep and gnuplot. Exit status 1: something is not as
it should be; 2: wrong usage; 75: stopped by Ctrl-C, the same command goes on.
"""
import argparse
import csv
import hashlib
import re
import resource
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

THEMES = {  # word in the header: title and introduction on the page, in this order
    "low frequencies first": ("Low frequencies first", "Networks learn the low frequencies of their target before the "
                              "high ones: how sure is that, and what does it depend on?"),
    "critical decay": ("The critical decay rate", "Below a decay rate alpha_c of its features, the dimension of the "
                       "input, a linear model shrinks to spikes at the data ([arXiv 2105.11675]"
                       "(https://arxiv.org/abs/2105.11675)). Solved exactly, trained, and with hidden layers."),
    "three stages": ("The three stages of training", "The share that high frequencies have in the loss and in its rate "
                     "([arXiv 1906.09235](https://arxiv.org/abs/1906.09235))."),
    "order": ("The order of learning, and what changes it", "How much later a frequency is learnt than a lower one; "
              "optimizers, initial weights, losses."),
}
KEYS = ("Question", "Came out", "Time", "Theme", "Study", "Figure")
COLUMNS = ("sweep", "hash", "tasks", "failed", "task_seconds", "processor_seconds", "elapsed_seconds", "ranks",
           "program")


class Sweep:
    """One sweep file: what its header says. `mistakes` holds what the header lacks, as lines `path:line: text`."""

    def __init__(self, path):
        self.path, self.name, self.mistakes = path, path.stem, []
        lines = path.read_text(encoding="utf-8").splitlines()
        count = next((i for i, line in enumerate(lines) if not line.startswith("#")), len(lines))
        self.parts, where = {"Setting": []}, {}
        part = None
        for number, line in enumerate((line[2:].rstrip() for line in lines[:count]), 1):
            key = next((key for key in KEYS if line.startswith(key + ":")), None)
            if key and key in self.parts:
                self.complain(number, f"a second '# {key}:'")
            if key:
                part, where[key] = key, number
                self.parts[key] = [line[len(key) + 1:].strip()]
            elif part is None:
                self.complain(number, "the header begins with '# Question: '")
                part = "Setting"
            elif not line and part == "Question":
                part = "Setting"
            else:
                self.parts[part].append(line)
        for key in KEYS:
            if key != "Study" and not any(self.parts.get(key, [])):
                self.complain(count, f"the header lacks '# {key}: ', see gallery.py --help")
        code = [line.split(" #")[0].rstrip() for line in lines[count:]]
        self.hash = hashlib.sha256("\n".join(line for line in code if line).encode()).hexdigest()[:16]
        self.read_facts(where)

    def complain(self, line, text):
        self.mistakes.append(f"{self.path.parent.name}/{self.path.name}:{max(line, 1)}: {text}")

    def word(self, key):
        """Return the one line that belongs to a key, or ''."""
        return " ".join(self.parts.get(key, [])).strip()

    def read_facts(self, where):
        """Take theme, study and figure apart."""
        theme, _, place = self.word("Theme").partition(",")
        self.theme, self.place = theme.strip(), int(place) if place.strip().isdigit() else 1000
        if self.word("Theme") and self.theme not in THEMES:
            self.complain(where["Theme"], f"there is no theme '{self.theme}', only: {', '.join(THEMES)}")
        self.study = self.word("Study")
        if self.study and not (self.path.parent / self.study).is_file():
            self.complain(where["Study"], f"{self.study} does not exist")
        self.plot, self.figure = [], f"figures/{self.name}.png"
        try:
            words = shlex.split(self.word("Figure"))
            if "-o" in words:
                at = words.index("-o")
                self.figure = f"figures/{words[at + 1]}"
                del words[at:at + 2]
            self.plot = words
        except (ValueError, IndexError):
            self.complain(where["Figure"], "cannot be read: quotes in pairs, and a name after -o")
        if not re.fullmatch(r"figures/[\w-]+\.png", self.figure):
            self.complain(where["Figure"], f"{self.figure[len('figures/'):]} is not a name of a .png")


# ---- what was measured -----------------------------------------------------------------------------------------------


def read_measured(folder):
    """Return {sweep: row of figures/measured.csv}; empty if there is no such file yet."""
    path = folder / "figures" / "measured.csv"
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        return {row["sweep"]: row for row in csv.DictReader(file)}


def write_measured(folder, row):
    """Put one row into figures/measured.csv, in place of its sweep's, unless that tells more of the same run."""
    measured = read_measured(folder)
    old = measured.get(row["sweep"])
    same = ("hash", "tasks", "task_seconds")
    if old and not row["elapsed_seconds"] and all(old[key] == str(row[key]) for key in same):
        return
    measured[row["sweep"]] = row
    with replacing(folder / "figures" / "measured.csv") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(measured[name] for name in sorted(measured))


class replacing:
    """Write a text file under a temporary name, and give it its own at the end."""

    def __init__(self, path):
        self.path, self.temporary = path, path.with_name(path.name + ".tmp")

    def __enter__(self):
        self.file = self.temporary.open("w", encoding="utf-8", newline="")
        return self.file

    def __exit__(self, failed, *_):
        self.file.close()
        if failed:
            self.temporary.unlink()
        else:
            self.temporary.replace(self.path)


def output_of(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def measure(fpsweep, results, sweep, run):
    """Return the row of measured.csv for a finished results file; `run` has the times of a run from start to end."""
    tasks = list(csv.DictReader(output_of(fpsweep, "show", str(results), "--csv").splitlines()))
    version = output_of(fpsweep, "--version")
    left = sum(task["outcome"] not in ("done", "diverged", "failed") for task in tasks)
    if left:
        raise RuntimeError(f"{left} tasks did not run; the same command goes on")
    ranks = len({task["rank"] for task in tasks})
    alone = run and ranks == 1  # idle ranks wait by polling: their processor time says nothing
    return {
        "sweep": sweep.name, "hash": sweep.hash, "tasks": len(tasks), "ranks": ranks,
        "failed": sum(task["outcome"] == "failed" for task in tasks),
        "task_seconds": f"{sum(float(task['seconds'] or 0) for task in tasks):.2f}",
        "processor_seconds": f"{run[1]:.2f}" if alone else "",
        "elapsed_seconds": f"{run[0]:.2f}" if run else "",
        "program": f"{version.split()[1]}, kernels {version.split('kernel class')[1].split()[0]}",
    }


# ---- running and drawing ---------------------------------------------------------------------------------------------


def produce(sweep, options):
    """Run a sweep to its end if it is not there yet, and draw its figure. Return its row of measured.csv."""
    results = options.results / f"{sweep.name}.h5"
    begins = not results.exists()
    command = [*options.launch, options.fpsweep, "run", str(sweep.path), "-o", str(results), "--resume"]
    print(f"gallery: {sweep.name}", file=sys.stderr, flush=True)
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    status = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL).returncode
    elapsed, after = time.monotonic() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    if status not in (0, 1):  # 1: some tasks failed, which is shown
        raise RuntimeError(f"the run ended with status {status}")
    processor = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    row = measure(options.fpsweep, results, sweep, (elapsed, processor) if begins else None)
    figure = sweep.path.parent / sweep.figure
    subprocess.run([options.fpsweep, "plot", str(results), *sweep.plot, "-o", str(figure)], check=True)
    return row


# ---- the page --------------------------------------------------------------------------------------------------------


def question(sweep):
    """Return the question as a sentence in Markdown, for a paragraph or a cell."""
    text = prose([" ".join(sweep.parts["Question"])])
    return (text[0].upper() + text[1:]).replace("|", "\\|")


def prose(lines):
    """Return header text as Markdown: paragraphs escaped outside backticks, indented lines as they are in a block."""
    out, block = [], []

    def flush():
        if block:
            out.extend(["", "```text", *block, "```", ""])
            block.clear()

    for line in lines:
        if line.startswith("  "):
            block.append(line[2:])
            continue
        flush()
        pieces = line.split("`")
        for i in range(0, len(pieces), 2):
            pieces[i] = re.sub(r"[\\~]|\*(?! )|\b_|_\b|\[(?=.*\]\()|<(?=[A-Za-z/!?])", r"\\\g<0>", pieces[i])
        out.append(re.sub(r"^(\d*)([-+#>.)])(?= |$)", r"\1\\\2", "`".join(pieces)))
    flush()
    return re.sub(r"\n{3,}", "\n\n", "\n".join(out)).strip("\n")


def duration(seconds):
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    if seconds < 119.5:
        return f"{seconds:.0f} s"
    return f"{round(seconds) // 60} min {round(seconds) % 60:02d} s"


def cost(row):
    """Return the time of one core: processor time where one process did it all, else its limit, that of all tasks."""
    known = row["processor_seconds"]
    return duration(float(known)) if known else "at most " + duration(float(row["task_seconds"]))


def measured_sentence(row, sweep):
    if not row:
        return "Not measured yet."
    ranks = f"{row['ranks']} rank" + ("s" if row["ranks"] != "1" else "")
    known, elapsed = float(row["processor_seconds"] or "inf"), float(row["elapsed_seconds"] or "inf")
    # One rank on a busy machine waits: the clock then tells about the machine.
    clock = f"; {duration(elapsed)} by the clock" if elapsed < 1.5 * known and elapsed < float("inf") else ""
    text = f"Measured: {row['tasks']} tasks, {cost(row)} of one core{clock}; on {ranks}, fpsweep {row['program']}."
    if row["failed"] != "0":
        text += f" {row['failed']} tasks failed."
    if row["hash"] != sweep.hash:
        text += f" Figure and time are of an earlier form; `python3 sweeps/gallery.py {sweep.name}` renews them."
    return text


def commands(sweep):
    results, figure = f"{sweep.name}.h5", Path(sweep.figure).name
    options = " ".join(f'"{word}"' if re.search(r"[^\w.-]", word) else word for word in sweep.plot)
    return (f"```sh\nmpirun -n 2 fpsweep run sweeps/{sweep.name}.yaml -o {results}\nfpsweep analyze {results}\n"
            f"fpsweep plot {results} {options} -o {figure}\n```")


def section(sweep, row):
    """Return what the page says about one sweep."""
    if (sweep.path.parent / sweep.figure).is_file():
        picture = f"![Figure {sweep.plot[0]} of {sweep.path.name}]({sweep.figure})"
    else:
        picture = f"Its figure is not drawn yet; `python3 sweeps/gallery.py {sweep.name}` does it."
    study = f" The study: [{sweep.study}]({sweep.study})." if sweep.study else ""
    parts = [
        f"### {sweep.name}",
        f"**{question(sweep)}** [{sweep.path.name}]({sweep.path.name}).{study}",
        picture,
        prose(sweep.parts["Setting"]),
        "**Came out:** " + prose(sweep.parts["Came out"]),
        f"**Time:** {prose(sweep.parts['Time'])} {measured_sentence(row, sweep)}",
        commands(sweep),
    ]
    return "\n\n".join(part for part in parts if part)


def page(sweeps, measured):
    """Return the text of README.md."""
    out = ["# The sweeps that come along",
           "<!-- Written by gallery.py from the headers of the sweep files: change those, then run "
           "`python3 sweeps/gallery.py` with `--page`. -->",
           "What each asks, what came out, how long it takes, and the commands that do it again. "
           "`python3 sweeps/gallery.py` runs all of them, draws the figures and writes this page. \"Of one core\" is "
           "processor time where one process ran the sweep, else at most the time by the clock that its tasks took "
           "together on a busy machine."]
    ordered = sorted(sweeps, key=lambda s: (s.place, s.name))
    groups = {theme: [s for s in ordered if s.theme == theme] for theme in THEMES}
    groups = {theme: members for theme, members in groups.items() if members}
    rows = ["| sweep | question | of one core |", "|---|---|---|"]
    for theme, members in groups.items():
        rows.append(f"| **{THEMES[theme][0]}** | | |")
        for s in members:
            spent = cost(measured[s.name]) if s.name in measured else "not measured"
            rows.append(f"| [{s.name}](#{s.name}) | {question(s)} | {spent} |")
    out.append("\n".join(rows))
    for theme, members in groups.items():
        out += [f"## {THEMES[theme][0]}", THEMES[theme][1]]
        out += [section(s, measured.get(s.name)) for s in members]
    return "\n\n".join(out) + "\n"


def write_page(folder, sweeps):
    with replacing(folder / "README.md") as file:
        file.write(page(sweeps, read_measured(folder)))


def check(folder, text):
    """Return what is wrong with the page that is there, as a list of lines."""
    path = folder / "README.md"
    there = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    for number, (old, new) in enumerate(zip(there + [None], text.splitlines() + [None]), 1):
        if old != new:
            return [f"{folder.name}/README.md:{number}: is not what headers and figures give; "
                    "run python3 sweeps/gallery.py --page"]
    return []


# ---- the command -----------------------------------------------------------------------------------------------------


def parse():
    here = Path(__file__).resolve().parent
    built = here.parent / "build" / "fpsweep"
    about, _, more = __doc__.partition("\n\n")
    parser = argparse.ArgumentParser(description=about, epilog=more,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sweep", nargs="*", help="names of sweeps, without .yaml; default: all")
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--page", action="store_true", help="write the page alone")
    mode.add_argument("--check", action="store_true", help="compare the page with headers and figures; write nothing")
    parser.add_argument("--results", type=Path, default=here.parent / "build" / "gallery", metavar="FOLDER",
                        help="where results files lie and are written, NAME.h5 each; default: build/gallery")
    parser.add_argument("--launch", type=shlex.split, default=[], metavar="COMMAND",
                        help='launcher of parallel runs, such as "mpirun -n 2"; default: none, one rank')
    parser.add_argument("--fpsweep", default=str(built) if built.exists() else "fpsweep", metavar="PROGRAM",
                        help="default: build/fpsweep if there is one, else the one on PATH")
    parser.add_argument("--folder", type=Path, default=here, help="of the sweeps; default: that of this script")
    options = parser.parse_args()
    if options.sweep and (options.page or options.check):
        parser.error("--page and --check are about all sweeps")
    return parser, options


def main():
    parser, options = parse()
    folder = options.folder.resolve()
    sweeps = [Sweep(path) for path in sorted(folder.glob("*.yaml"))]
    if not sweeps:
        parser.error(f"{folder} holds no sweep files")
    unknown = set(options.sweep) - {sweep.name for sweep in sweeps}
    if unknown:
        parser.error(f"there is no sweep {', '.join(sorted(unknown))}; there are: {', '.join(s.name for s in sweeps)}")
    mistakes = [line for sweep in sweeps for line in sweep.mistakes]
    if options.check and not mistakes:
        mistakes = check(folder, page(sweeps, read_measured(folder)))
    if mistakes:
        print("\n".join(mistakes))
        return 1
    if not options.check:
        write_page(folder, sweeps)
    if options.check or options.page:
        return 0
    options.results.mkdir(parents=True, exist_ok=True)
    signals = []
    signal.signal(signal.SIGINT, lambda *_: signals.append(1))  # Ctrl-C reaches the run, which stops in good order
    failed = False
    for sweep in sweeps:
        if signals or (options.sweep and sweep.name not in options.sweep):
            continue
        try:
            write_measured(folder, produce(sweep, options))
            write_page(folder, sweeps)
        except (RuntimeError, OSError, subprocess.CalledProcessError) as error:
            print(f"gallery: {sweep.name}: {error}", file=sys.stderr)
            failed = True
    if signals:
        print("gallery: stopped; the same command goes on", file=sys.stderr)
    return 75 if signals else 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except OSError as error:  # a folder that cannot be written to
        sys.exit(f"gallery: {error}")
