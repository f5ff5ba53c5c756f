import { save } from './saved-game.js';

/** @typedef {import('./types.js').Action} Action */
/** @typedef {import('./nommie.js').Level} Level */
/** @typedef {'calm' | 'quick' | 'at-once'} Pace */

/** How many cards a move of the strategic player may imagine: docs/nommie.md shows how little more would be worth. */
export const budget = 50_000;

/** The person's seat: the first, who deals the first round. */
export const me = 0;

/**
 * How long the others seem to think, and how long a trick that was taken stays in sight, in milliseconds.
 * @type {Record<Pace, {move: number, trick: number}>}
 */
const paces = {
    calm: { move: 1000, trick: 1900 },
    quick: { move: 420, trick: 900 },
    'at-once': { move: 0, trick: 0 },
};

/**
 * A game of one person against three players of the program: whose turn comes, how fast, and when it waits to be told to go on.
 *
 * Events: `change` with `{events, action}` after each action, `refused` with `{error}`.
 */
export class Match extends EventTarget {
    #thinker;
    #isHalted = false;
    /** Counts what the others were asked: an answer that comes when the match has gone on is nobody's. */
    #asked = 0;

    /**
     * @param {import('./nommie.js').NommieGame} game @param {import('./thinker.js').Thinker} thinker
     * @param {Level} level @param {Pace} pace
     */
    constructor(game, thinker, level, pace) {
        super();
        this.game = game;
        this.#thinker = thinker;
        this.level = level;
        this.pace = pace;
    }

    get view() {
        return this.game.view(me);
    }

    /** A round is over and its result has not been read yet, or the game is over. */
    get isHalted() {
        return this.#isHalted;
    }

    /** Lets the others play until it is the person's turn. */
    run() {
        this.#isHalted = false;
        this.#next(paces[this.pace].move);
    }

    stop() {
        this.#asked += 1;
        this.#isHalted = true;
    }

    /**
     * What the person does.
     * @param {Action} action
     */
    act(action) {
        this.#perform(action, me);
    }

    /**
     * Lets whoever is on turn think, and act not before the pace allows.
     * @param {number} delay in milliseconds
     */
    async #next(delay) {
        this.#asked += 1;
        const asked = this.#asked;
        const seat = this.game.toAct;
        if (this.#isHalted || seat === null || seat === me) return;
        const [action] = await Promise.all([this.#thinker.move(this.game, this.level, budget), passed(delay)]);
        if (asked === this.#asked) this.#perform(action, seat);
    }

    /** @param {Action} action @param {number} seat */
    #perform(action, seat) {
        const outcome = this.game.apply(action, seat);
        if (!outcome.ok) {
            this.dispatchEvent(new CustomEvent('refused', { detail: { error: outcome.error } }));
            return;
        }
        save({ seed: this.game.seed, level: this.level, actions: this.game.actions });
        const kinds = new Set(outcome.events.map(({ type }) => type));
        this.#isHalted = kinds.has('round_scored');
        this.dispatchEvent(new CustomEvent('change', { detail: { events: outcome.events } }));
        const pace = paces[this.pace];
        this.#next(kinds.has('trick_won') ? pace.trick : pace.move);
    }
}

/** @param {number} milliseconds */
const passed = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
