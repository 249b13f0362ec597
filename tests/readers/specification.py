"""specification.py FORMAT.md VALIDATE SOURCE: the tables of FORMAT.md, of validate.py and of fpsweep say the same.

SOURCE is the top of the sources: the lists of results, of numbers per task and of signs of life are macros there, the
parameters a table.
"""

import importlib.util
import re
import sys

specification, validator, top = sys.argv[1:4]
spec = importlib.util.spec_from_file_location("validate", validator)
validate = importlib.util.module_from_spec(spec)
spec.loader.exec_module(validate)


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def table(title):
    """Rows of the first table below a heading."""
    section = read(specification).split(f"\n### {title}\n")[1].split("\n#")[0]
    rows = [[cell.strip().strip("`") for cell in line.strip("|").split("|")]
            for line in section.splitlines() if line.startswith("|")]
    return rows[2:]


def arguments(name, header):
    """What a list macro of a header says: one list of C arguments per entry."""
    body = re.search(rf"#define {name}\(X\)(.*?[^\\])\n", read(f"{top}/{header}"), re.S)[1]
    body = re.sub(r'"\s*\\\n\s*"', "", body).replace("\\\n", " ")
    out = []
    for entry in re.findall(r"X\((.*?)\)(?=\s*(?:X\(|$))", body, re.S):
        out.append([part.strip() for part in re.findall(r'(?:"[^"]*"|[^,"])+', entry)])
    return out


failures = []


def same(what, a, b):
    for name in sorted(set(a) | set(b)):
        if a.get(name) != b.get(name):
            failures.append(f"{what}: {name}: {a.get(name)} and {b.get(name)}")


# ---- FORMAT.md and validate.py ----

results = {row[0]: tuple(row[1:]) for row in table("Results")}
mine = {}
for name, (integer, zero, dims, rule, units) in validate.RESULT.items():
    model, _, words = rule.replace("both", "direct, network").partition(":")
    where = "direct; network: multipliers" if "|" in rule else model + (": " + ", ".join(words.split(",")) if words else "")
    mine[name] = ("int64" if integer else "float", ", ".join(["task"] + dims), units, "yes" if zero else "no", where)
same("results, FORMAT.md and validate.py", results, mine)
assert list(results) == list(mine), "the order of results differs"

meaning = read(specification).split("\n### What the results mean\n")[1].split("\n## ")[0]
explained = [name for row in re.findall(r"^\| (`.*?) \|", meaning, re.M) for name in re.findall(r"`(\w+)`", row)]
same("results, and what they mean", dict.fromkeys(results, 1), {n: explained.count(n) for n in explained})

parameters = {row[0]: tuple(row[1:4]) for row in table("Parameters")}
same("parameters, FORMAT.md and validate.py", parameters,
     {n: (kind, ", ".join(["task"] + dims), units) for n, (kind, units, dims, _) in validate.PARAMETER.items()})
assert list(parameters) == list(validate.PARAMETER), "the order of parameters differs"

scalars = {row[0]: (row[1], row[3], int(row[4])) for row in table("Numbers per task")}
same("numbers per task, FORMAT.md and validate.py", scalars, {n: (k, u, since) for n, k, u, since in validate.SCALARS})
live = {row[0]: (row[1], row[3]) for row in table("Signs of life")}
same("signs of life, FORMAT.md and validate.py", live, {n: (k, u) for n, k, u in validate.LIVE})
coordinates = {row[0]: (row[1], row[3]) for row in table("Coordinates")}
same("coordinates, FORMAT.md and validate.py", coordinates, {n: (c[0], c[2]) for n, c in validate.COORDINATE.items()})

# ---- FORMAT.md and fpsweep ----

words = {"FPS_RECORD": "record", "FPS_DIRECTION": "direction", "FPS_FREQUENCY": "frequency", "FPS_SAMPLE": "sample",
         "FPS_AXIS": "axis", "FPS_GRID": "grid", "FPS_WEIGHT": "weight", "FPS_THRESHOLD": "threshold"}
theirs, here = {}, {}
for _, name, kind, zero, _, unit, _, *dims in arguments("FPS_RESULT_LIST", "include/fpsweep/trajectory.h"):
    theirs[name] = ("int64" if kind == "INT64" else "float", ", ".join(["task"] + [words[d] for d in dims]), unit.strip('"'),
                    "yes" if zero == "true" else "no")
    here[name] = results.get(name, ("is missing",))[:4]
same("results, fpsweep and FORMAT.md", theirs, here)
assert len(theirs) > 20 and [name for name in results if name in theirs] == list(theirs), "the order of results differs"

types = {"INT8": "int8", "INT32": "int32", "INT64": "int64", "UINT32": "uint32", "FLOAT32": "float32", "FLOAT64": "float64"}
same("numbers per task, fpsweep and FORMAT.md", scalars,
     {a[1]: (types[a[3]], a[5].strip('"'), int(a[4])) for a in arguments("FPS_SCALAR_LIST", "src/store/variable.h")})
same("signs of life, fpsweep and FORMAT.md", live,
     {a[1]: (types[a[2]], a[3].strip('"')) for a in arguments("FPS_LIVE_LIST", "src/store/variable.h")})

kinds = {"INTEGER": "integer", "REAL": "float64", "CHOICE": "text", "KIND_TEXT": "text", "KIND_WIDTH": "integer"}
source = read(f"{top}/src/experiment/parameter.c").split("fps_parameters[] = {")[1].split("\n};")[0]
wanted = {"layers": ("text", "1"), "identity": ("text", "1")}
order, sentences = [], {}
for entry in re.split(r"\{\.name = ", source)[1:]:
    name, unit = re.match(r'"(\w+)"', entry)[1], re.search(r'\.unit = "([^"]*)"', entry)[1]
    kind = re.search(r"\b(INTEGER|REAL|CHOICE)\(|FPS_(KIND_\w+)", entry)
    for column in ["domain_low", "domain_high"] if name == "domain" else [name]:
        wanted[column] = (kinds.get(kind[1] or kind[2], "float64"), unit or "1")
        order.append(column)
    sentence = re.search(r'\.sentence\s*=\s*((?:"(?:[^"\\]|\\.)*"\s*)+)', entry)[1]
    if name != "domain":
        sentences[name] = "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', sentence)).replace('\\"', '"')
later = set(parameters) - set(wanted)
same("parameters, fpsweep and FORMAT.md", wanted, {n: (p[0], p[2]) for n, p in parameters.items() if n not in later})
same("what parameters are, fpsweep and FORMAT.md", sentences,
     {row[0]: row[4].replace("\\<", "<") for row in table("Parameters") if row[0] in sentences})
assert len(order) > 30 and [n for n in parameters if n in order] == order, "the order of parameters differs"

print("\n".join(failures) or f"{len(theirs)} results and {len(order)} parameters are in FORMAT.md, in validate.py and in fpsweep")
not_yet = sorted((set(results) - set(theirs)) | later)
if not_yet:
    print("in FORMAT.md, not in fpsweep:", ", ".join(not_yet))
sys.exit(1 if failures or not_yet else 0)
