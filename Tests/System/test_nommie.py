"""The card game from outside: an independent referee that shares no code with the program, and a person at a terminal."""

import importlib.util
import json
import subprocess

from Live.process import ROOT, environment, executable

REFEREE = ROOT / "Tests" / "Domains" / "Nommie" / "referee.py"


def nommie(*arguments, text="", timeout=120):
    return subprocess.run(
        [executable(), "nommie", *arguments], cwd=ROOT, env=environment(), input=text, capture_output=True, text=True,
        timeout=timeout)


def referee():
    description = importlib.util.spec_from_file_location("referee", REFEREE)
    module = importlib.util.module_from_spec(description)
    description.loader.exec_module(module)
    return module


def test_an_independent_referee_agrees_on_a_thousand_games():
    judge = referee().judge
    lines = nommie("export", "--games", "1000").stdout.splitlines()
    assert len(lines) == 1000
    codes = set()
    for line in lines:
        record = json.loads(line)
        assert judge(record) is None, record["seed"]
        codes |= {code for *_, code in record["tried"]}
    assert codes == {None, "INVALID_BID", "OUT_OF_TURN", "MUST_FOLLOW_SUIT", "CARD_NOT_IN_HAND", "PHASE_MISMATCH"}


def test_the_referee_notices_a_wrong_score_and_a_wrong_move():
    judge = referee().judge
    record = json.loads(nommie("export", "--games", "1").stdout)
    wrong = json.loads(json.dumps(record))
    wrong["totals"][2] += 1
    assert judge(wrong)
    wrong = json.loads(json.dumps(record))
    wrong["moves"][6], wrong["moves"][7] = wrong["moves"][7], wrong["moves"][6]
    assert judge(wrong)


def test_the_invariants_hold_in_two_hundred_games():
    answer = nommie("prove", "--games", "200", timeout=300)
    assert answer.returncode == 0, answer.stderr
    assert nommie("prove", "--games", "no").returncode == 64


def test_a_person_plays_a_whole_game_at_the_terminal():
    # The first legal choice each time is read from the prompt, as a person would, after a few things that are no choice.
    others = ["", "?", "nonsense", "99"]
    process = subprocess.Popen(
        [executable(), "nommie", "play", "--seed", "5", "--against", "heuristic"], cwd=ROOT, env=environment(),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    seen, prompts = "", 0
    while True:
        piece = process.stdout.read(1)
        if not piece:
            break
        seen += piece
        line = seen[seen.rfind("\n") + 1:]
        if line.endswith(") > "):
            prompts += 1
            choices = line[line.index("(") + 1:-4].split()
            process.stdin.write((others.pop(0) if others else choices[0]) + "\n")
            process.stdin.flush()
            seen += "\n"
    assert process.wait(10) == 0
    assert prompts >= 26 + 184 and "\x1b" not in seen
    assert seen.rstrip().endswith(("win.", "wins."))
    assert "nothing to do now" in seen and "A bid lies between" in seen and "Last trick" in seen


def test_the_end_of_input_leaves_the_game():
    answer = nommie("play", "--seed", "5", text="3\n")
    assert answer.returncode == 0 and "You left in round 1" in answer.stdout


def test_wrong_flags_end_with_64():
    for arguments in (["fly"], ["play", "--seat", "4"], ["play", "--against", "nobody"], ["tournament", "--games"], []):
        assert nommie(*arguments).returncode == 64
