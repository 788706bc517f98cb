"""Reads wards from a clone of scot-elex, which may be bare."""

import collections
import subprocess


def read(repository, path):
    show = ["git", "-C", repository, "show", f"HEAD:{path}"]
    return subprocess.run(show, check=True, capture_output=True).stdout


def read_ward(repository, path):
    """Returns the seats, the names, the title, and how many voters cast each ranking."""
    lines = read(repository, f"{path}.csv").decode("utf-8-sig").splitlines()
    count, seats = map(int, lines[0].split(",")[:2])
    quoted = [line for line in lines if line.startswith('"')]
    names = [line.split('","')[1] for line in quoted[:count]]
    tally = collections.Counter()
    for line in lines[1:]:
        if line and not line.startswith('"'):
            times, *ranked = [int(cell) for cell in line.split(",") if cell]
            tally[tuple(ranked)] += times
    return seats, names, quoted[count].strip('",'), tally
