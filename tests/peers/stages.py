"""Compares every stage of our count with the reports of returning officers. See README.md."""

import json
import pathlib
import subprocess
import sys
from decimal import Decimal

from scotland import read_ward

OFFICIAL = pathlib.Path(__file__).parent / "official_stages.json"
UNITS = 100_000


def counted(program, choices, seats, tally):
    case = {"kind": {"seats": {"seats": seats}}, "choices": choices, "ballots": list(tally.items())}
    run = subprocess.run(
        [program], input=json.dumps(case), capture_output=True, text=True, check=True
    )
    return json.loads(run.stdout)["seats"]


def differences(ward, ours):
    """Yields how our count differs from the report of a ward."""
    stages = ours["stages"]
    if (ours["quota"], len(stages)) != (ward["quota"], len(ward["stages"])):
        yield f"quota {ours['quota']}, {len(stages)} stages"
    before = {}
    for number, (theirs, stage) in enumerate(zip(ward["stages"], stages), 1):
        # What is transferred follows from the stage before.
        if [before.get(key, []) for key in ("surplus", "out")] != [
            [theirs[key]] if key in theirs else [] for key in ("surplus", "out")
        ]:
            yield f"stage {number}: after {before}, not {theirs}"
        before = stage
        elected = stage.get("elected", []) + stage.get("remaining", [])
        if sorted(elected) != theirs["elected"]:
            yield f"stage {number}: elects {elected}, not {theirs['elected']}"
        if "remaining" in stage:
            # As many are left as seats: the councils' software moves votes once more, we don't.
            continue
        votes = {standing["choice"]: standing["votes"] for standing in stage["standing"]}
        for choice, text in enumerate(theirs["votes"].split(), 1):
            if votes.get(choice, 0) != Decimal(text) * UNITS:
                yield f"stage {number}, {choice}: {votes.get(choice, 0)}, not {text}"
        if stage["exhausted"] != Decimal(theirs["rest"]) * UNITS:
            yield f"stage {number}: {stage['exhausted']} not transferred, not {theirs['rest']}"


def main(scotland, program):
    found = []
    for ward in json.loads(OFFICIAL.read_text()):
        seats, names, _, tally = read_ward(scotland, ward["ballots"])
        if (seats, sum(tally.values())) != (ward["seats"], ward["valid"]):
            found.append(f"{ward['name']}: not the ballots of the report")
        ours = counted(program, len(names), seats, tally)
        compared = sum("remaining" not in stage for stage in ours["stages"])
        print(f"{ward['name']}: {len(ours['stages'])} stages, the votes of {compared} compared")
        found += [f"{ward['name']}: {text}" for text in differences(ward, ours)]
    print("\n".join(found) or "all the same")
    sys.exit(bool(found))


main(*sys.argv[1:])
