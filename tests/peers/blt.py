"""Lets other programs read `names.blt`, a file of ours with awkward names. See README.md."""

import contextlib
import importlib
import io
import pathlib
import sys
import warnings

warnings.simplefilter("ignore")
FILE = pathlib.Path(__file__).parent / "names.blt"


def ours():
    """The seats, names, title and rankings of the file, read with no more than its lines."""
    lines = FILE.read_text().splitlines()
    end = lines.index("0")
    rankings = {}
    for line in lines[1:end]:
        times, *ranked, _ = map(int, line.split())
        rankings[tuple(ranked)] = times
    *names, title = [line[1:-1].strip() for line in lines[end + 1 :]]
    return int(lines[0].split()[1]), names, title, rankings


def by_votelib():
    blt = importlib.import_module("votelib.io.blt")
    votes, seats, people, title = blt.loads(FILE.read_text())
    rankings = {tuple(person.number for person in vote): times for vote, times in votes.items()}
    return seats, [person.name.strip() for person in people], title.strip(), rankings


def by_fresh_blt():
    parse = importlib.import_module("fresh_blt.parse")
    tree = parse.parse_blt_file(FILE)
    _, seats, withdrawn = parse.extract_header_info(tree)
    people = parse.extract_candidates(tree, withdrawn)
    found = parse.parse_ballots(tree, {person.id: person for person in people})
    rankings = {
        tuple(person.id for rank in ballot["rankings"] for person in rank): ballot["weight"]
        for ballot in found
    }
    names = [person.name.strip() for person in people]
    return seats, names, parse.extract_title(tree).strip(), rankings


def by_droop():
    profile = importlib.import_module("droop.profile").ElectionProfile(data=FILE.read_text())
    rankings = {tuple(line.ranking): line.multiplier for line in profile.ballotLines}
    names = [name.strip() for _, name in sorted(profile.candidateName.items())]
    return profile.nSeats, names, profile.title.strip(), rankings


def main(*folders):
    sys.path += folders
    wrong = False
    for read in (by_votelib, by_fresh_blt, by_droop):
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                found = read()
        except Exception as error:
            found = error
        same = found == ours()
        wrong |= not same
        print(read.__name__.removeprefix("by_"), "the same" if same else found)
    sys.exit(wrong)


main(*sys.argv[1:])
