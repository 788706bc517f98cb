"""Compares the winners of `count` with those of other programs. See README.md."""

import json
import pathlib
import random
import subprocess
import sys
import warnings

import pyrankvote
from stvpoll.scottish_stv import calculate_scottish_stv
from votekit import RankBallot, RankProfile
from votekit.elections import STV, RankedPairs

warnings.simplefilter("ignore")
ELECTIONS = pathlib.Path(__file__).parent.parent / "elections"
RANDOM = 100


def read_blt(path):
    lines = path.read_text().splitlines()
    choices, seats = map(int, lines[0].split())
    ballots = {}
    for line in lines[1 : lines.index("0")]:
        times, *ranked = map(int, line.split())
        ballots[tuple(ranked[:-1])] = times
    return choices, seats, ballots


def some_election(dice):
    choices = dice.randint(3, 8)
    ballots = {}
    for _ in range(dice.randint(20, 400)):
        # Voters like choices near them, so that surpluses and exclusions move many votes.
        own = dice.uniform(0, choices)
        order = sorted(range(1, choices + 1), key=lambda choice: abs(choice - own) + dice.random())
        ranked = tuple(order[: dice.randint(1, choices)])
        ballots[ranked] = ballots.get(ranked, 0) + 1
    return choices, dice.randint(2, choices - 1), ballots


def by_pyrankvote(method, choices, ballots, *seats):
    candidates = [pyrankvote.Candidate(str(choice)) for choice in range(1, choices + 1)]
    papers = [
        pyrankvote.Ballot([candidates[choice - 1] for choice in ranked])
        for ranked, times in ballots.items()
        for _ in range(times)
    ]
    result = method(candidates, papers, *seats)
    return {int(winner.name) for winner in result.get_winners()}


def by_votekit(method, choices, ballots, **settings):
    papers = [
        RankBallot(ranking=[{str(choice)} for choice in ranked], weight=times)
        for ranked, times in ballots.items()
    ]
    candidates = [str(choice) for choice in range(1, choices + 1)]
    result = method(RankProfile(ballots=papers, candidates=candidates), **settings)
    return {int(choice) for group in result.get_elected() for choice in group}


def peers(kind, choices, seats, ballots):
    if kind == "ranked":
        yield "pyrankvote", lambda: by_pyrankvote(
            pyrankvote.instant_runoff_voting, choices, ballots
        )
    elif kind == "pairs":
        yield "votekit", lambda: by_votekit(RankedPairs, choices, ballots, n_seats=1)
    else:
        yield "pyrankvote", lambda: by_pyrankvote(
            pyrankvote.single_transferable_vote, choices, ballots, seats
        )
        yield "votekit", lambda: by_votekit(
            STV, choices, ballots, n_seats=seats, simultaneous=False
        )
        yield "STVPoll", lambda: calculate_scottish_stv(
            tuple(range(1, choices + 1)), list(ballots.items()), seats
        ).elected_as_set()


def main(program):
    dice = random.Random(1)
    named = [(path.stem, *read_blt(path)) for path in sorted(ELECTIONS.glob("*.blt"))]
    named += [(f"random {number}", *some_election(dice)) for number in range(RANDOM)]
    cases = []
    for name, choices, seats, ballots in named:
        for kind in ("ranked", "pairs", "seats"):
            if kind != "seats" or seats > 1:
                cases.append((name, kind, choices, seats, ballots))
    lines = [
        json.dumps({
            "kind": {"seats": {"seats": seats}} if kind == "seats" else kind,
            "choices": choices,
            "ballots": list(ballots.items()),
        })
        for _, kind, choices, seats, ballots in cases
    ]
    counted = subprocess.run(
        [program], input="\n".join(lines), capture_output=True, text=True, check=True
    ).stdout.splitlines()
    figures = {}
    for (name, kind, choices, seats, ballots), line in zip(cases, counted, strict=True):
        ours = json.loads(line)["winners"]
        for peer, count in peers(kind, choices, seats, ballots):
            figure = figures.setdefault((kind, peer), {"same": 0, "other": 0, "tie": 0, "failed": 0})
            if ours is None:
                figure["tie"] += 1
                continue
            try:
                theirs = count()
            except Exception as error:  # Some peers refuse ties or short ballots.
                figure["failed"] += 1
                print(f"{name}, {kind}: {peer} failed: {str(error)[:80]}")
                continue
            figure["same" if theirs == set(ours) else "other"] += 1
            if theirs != set(ours):
                print(f"{name}, {kind}: ours {sorted(ours)}, {peer} {sorted(theirs)}")
    for (kind, peer), figure in figures.items():
        print(kind, peer, figure)


main(*sys.argv[1:])
