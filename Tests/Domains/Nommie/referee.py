#!/usr/bin/env python3
"""An independent referee of Nommie, written from the rules: follows finished games from standard input, one JSON object a line, deals
the cards itself (docs/nommie.md), and judges every move, every attempt and the outcome. Ends with the number of games, or the first fault."""
import json
import sys

BITS = (1 << 64) - 1
RANKS = "23456789TJQKA"
SUITS = "CDHS"
SIZES = [*range(13, 2, -1), 2, 2, 2, 2, *range(3, 14)]


class Chance:
    """xoshiro256**, filled by SplitMix64."""

    def __init__(self, seed):
        self.state = []
        for _ in range(4):
            seed, number = splitmix(seed)
            self.state.append(number)

    def next(self):
        a, b, c, d = self.state
        five = b * 5 & BITS
        result = ((five << 7 | five >> 57) & BITS) * 9 & BITS
        c, d = c ^ a, d ^ b
        a, newb = a ^ d, b ^ c
        c ^= b << 17 & BITS
        self.state = [a, newb, c, (d << 45 | d >> 19) & BITS]
        return result

    def below(self, bound):
        while True:
            product = (self.next() >> 32) * bound
            if product & 0xFFFFFFFF >= (1 << 32) % bound:
                return product >> 32


def splitmix(state):
    state = state + 0x9E3779B97F4A7C15 & BITS
    mixed = (state ^ state >> 30) * 0xBF58476D1CE4E5B9 & BITS
    mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB & BITS
    return state, mixed ^ mixed >> 31


def deal(seed, number):
    chance = Chance(splitmix(seed)[1] ^ number)
    deck = [rank + suit for suit in SUITS for rank in RANKS]
    size = SIZES[number - 1]
    for i in range(4 * size):
        j = i + chance.below(52 - i)
        deck[i], deck[j] = deck[j], deck[i]
    return [set(deck[seat * size : (seat + 1) * size]) for seat in range(4)]


class Game:
    def __init__(self, seed):
        self.seed, self.history, self.totals = seed, [], [0] * 4
        self.begin()

    @property
    def over(self):
        return len(self.history) == 26

    def begin(self):
        self.number = len(self.history) + 1
        self.size = SIZES[self.number - 1]
        self.dealer = (self.number - 1) % 4
        self.hands = deal(self.seed, self.number)
        self.bids, self.trump, self.trick, self.tricks = {}, None, [], [0] * 4
        self.turn = (self.dealer + 1) % 4

    def fault(self, seat, move):
        """The code of the rule that the move breaks, or None."""
        kind = "bid" if isinstance(move, int) else "trump" if move in ("C", "D", "H", "S", "NO_TRUMPS") else "card"
        phase = None if self.over else "bid" if len(self.bids) < 4 else "trump" if self.trump is None else "card"
        if kind != phase:
            return "PHASE_MISMATCH"
        if seat != self.turn:
            return "OUT_OF_TURN"
        if kind == "bid":
            if not 0 <= move <= self.size:
                return "INVALID_BID"
            if seat == self.dealer and sum(self.bids.values()) + move == self.size:
                return "INVALID_BID"
            zeros = [each["bids"][seat] == 0 for each in self.history[-3:]]
            if move == 0 and len(zeros) == 3 and all(zeros):
                return "INVALID_BID"
        if kind == "card":
            if move not in self.hands[seat]:
                return "CARD_NOT_IN_HAND"
            if self.trick:
                led = self.trick[0][1][1]
                if move[1] != led and any(card[1] == led for card in self.hands[seat]):
                    return "MUST_FOLLOW_SUIT"
        return None

    def make(self, seat, move):
        left = (self.dealer + 1) % 4
        if len(self.bids) < 4:
            self.bids[seat] = move
            self.turn = (seat + 1) % 4
            if len(self.bids) == 4:
                # `bids` is in the order of bidding, and `max` takes the first of the highest.
                self.turn = max(self.bids, key=self.bids.get)
        elif self.trump is None:
            self.trump, self.turn = move, left
        else:
            self.hands[seat].remove(move)
            self.trick.append((seat, move))
            self.turn = (seat + 1) % 4
            if len(self.trick) == 4:
                self.finish_trick()

    def finish_trick(self):
        led = self.trick[0][1][1]

        def strength(play):
            rank, suit = play[1]
            return (2 if suit == self.trump else 1 if suit == led else 0, RANKS.index(rank))

        self.turn = max(self.trick, key=strength)[0]
        self.tricks[self.turn] += 1
        self.trick = []
        if sum(self.tricks) == self.size:
            self.finish_round()

    def finish_round(self):
        bids = [self.bids[seat] for seat in range(4)]
        self.history.append({"bids": bids, "tricks": self.tricks})
        for seat in range(4):
            self.totals[seat] += self.tricks[seat] + (10 if self.tricks[seat] == bids[seat] else 0)
        if not self.over:
            self.begin()


def judge(record):
    """What is wrong with a record, or None, and how many refusals were compared."""
    game = Game(int(record["seed"]))
    tried = {}
    for place, seat, move, code in record["tried"]:
        tried.setdefault(place, []).append((seat, move, code))
    for place, (seat, move) in enumerate(record["moves"]):
        for other, attempt, code in tried.get(place, ()):
            if game.fault(other, attempt) != code:
                return f"move {place}: seat {other} tries {attempt}: {game.fault(other, attempt)}, not {code}"
        fault = game.fault(seat, move)
        if fault:
            return f"move {place}: seat {seat} may not {move}: {fault}"
        game.make(seat, move)
    if not game.over:
        return "the game is not over"
    best = max(game.totals)
    outcome = {
        "rounds": game.history, "totals": game.totals,
        "winners": [seat for seat in range(4) if game.totals[seat] == best],
    }
    for name, value in outcome.items():
        if record[name] != value:
            return f"{name} differ: {value}, not {record[name]}"
    return None


def main():
    games, refusals = 0, {}
    for line in sys.stdin:
        record = json.loads(line)
        fault = judge(record)
        if fault:
            sys.exit(f"game {record['seed']}: {fault}")
        games += 1
        for *_, code in record["tried"]:
            refusals[code or "allowed"] = refusals.get(code or "allowed", 0) + 1
    print(json.dumps({"games": games, "tried": refusals}))


if __name__ == "__main__":
    main()
