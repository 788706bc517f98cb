"""Writes tests/elections from clones of the two repositories that its README names.

    python fixtures.py path/to/rcv path/to/scot-elex

The clones may be bare. Needs openpyxl and votekit.
"""

import collections
import io
import json
import pathlib
import sys

import openpyxl
from votekit import RankBallot, RankProfile
from votekit.elections import STV

from scotland import read, read_ward

OUT = pathlib.Path(__file__).parent.parent / "elections"
RCV = "src/test/resources/network/brightspots/rcv/test_data"
RUN_OFFS = ["2013_minneapolis_mayor", "2017_minneapolis_mayor"]
WARDS = [
    "4_cands/shetland_2017_ward2",
    "4_cands/shetland_2017_ward6",
    "5_cands/orkney_2017_ward5",
    "5_cands/shetland_2017_ward1",
    "5_cands/shetland_2017_ward4",
    "5_cands/shetland_2017_ward7",
    "6_cands/shetland_2017_ward3",
    "7_cands/orkney_2017_ward2",
    "7_cands/orkney_2017_ward4",
    "8_cands/orkney_2017_ward1",
    "8_cands/orkney_2017_ward6",
    "10_cands/edinburgh_2017_ward12",
]


def write(name, seats, tally, candidates, title):
    lines = [f"{len(candidates)} {seats}"]
    lines += [f"{times} {' '.join(map(str, ranked))} 0" for ranked, times in sorted(tally.items())]
    lines += ["0", *(f'"{text}"' for text in [*candidates, title])]
    (OUT / f"{name}.blt").write_text("\n".join(lines) + "\n")


def ranking(cells, rules, candidates):
    """One row of a cast vote record as a ranking, under the rules of that election."""
    ranked, last = [], 0
    for rank, cell in enumerate(cells, 1):
        if cell in ("", "undervote"):
            continue
        if rank - last - 1 > int(rules["maxSkippedRanksAllowed"]):
            break
        last = rank
        if cell == "overvote" and rules["overvoteRule"] == "exhaustImmediately":
            break
        if cell not in ("overvote", "UWI"):
            choice = candidates.index(cell) + 1
            if choice not in ranked:
                ranked.append(choice)
    return tuple(ranked)


def run_off(repository, name):
    folder = f"{RCV}/{name}/{name}"
    config = json.loads(read(repository, f"{folder}_config.json"))
    source, rules = config["cvrFileSources"][0], config["rules"]
    candidates = [candidate["name"] for candidate in config["candidates"]]
    sheet = io.BytesIO(read(repository, f"{folder}_cvr.xlsx"))
    rows = openpyxl.load_workbook(sheet, read_only=True).worksheets[0]
    first = int(source["firstVoteColumnIndex"]) - 1
    end = first + int(rules["maxRankingsAllowed"])
    tally = collections.Counter()
    for row in rows.iter_rows(min_row=int(source["firstVoteRowIndex"]), values_only=True):
        cells = [str(cell or "").strip() for cell in row[first:end]]
        if ranked := ranking(cells, rules, candidates):
            tally[ranked] += 1
    write(name, 1, tally, candidates, config["outputSettings"]["contestName"])
    report = json.loads(read(repository, f"{folder}_expected_detailed_report.json"))
    # The first round has the write-ins, which are out after it.
    return [
        {candidates.index(text) + 1: int(votes) for text, votes in result["tally"].items()}
        for result in report["results"][1:]
    ]


def ward(repository, path):
    seats, candidates, title, tally = read_ward(repository, path)
    name = path.split("/")[1]
    write(name, seats, tally, candidates, f"{title}, {name.split('_')[1]}")
    ballots = [
        RankBallot(ranking=[{str(choice)} for choice in ranked], weight=times)
        for ranked, times in tally.items()
    ]
    numbers = [str(choice) for choice in range(1, len(candidates) + 1)]
    peer = STV(RankProfile(ballots=ballots, candidates=numbers), n_seats=seats, simultaneous=False)
    return sorted(int(choice) for group in peer.get_elected() for choice in group)


def main(rcv, scotland):
    OUT.mkdir(exist_ok=True)
    expected = {
        "rounds": {name: run_off(rcv, name) for name in RUN_OFFS},
        "elected": {path.split("/")[1]: ward(scotland, path) for path in WARDS},
    }
    (OUT / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")


main(*sys.argv[1:])
