import { pause } from '../shared/pause.js';
import { save } from './saved-game.js';

/** @typedef {import('./types.js').Action} Action */
/** @typedef {import('./nommie.js').Level} Level */
/** @typedef {'calm' | 'quick' | 'at-once'} Pace */

/** How many cards a move of the strategic player may simulate; docs/nommie.md shows that more would gain little. */
export const budget = 50_000;

/** The user's seat: the first, which deals the first round. */
export const me = 0;

/**
 * How long the computer players pause before a move, and how long a finished trick stays visible, in milliseconds.
 * @type {Record<Pace, {move: number, trick: number}>}
 */
const paces = {
    calm: { move: 1000, trick: 1900 },
    quick: { move: 420, trick: 900 },
    'at-once': { move: 0, trick: 0 },
};

/**
 * A game of the user against three computer players: whose turn it is, how fast, and when it waits for the user to continue.
 *
 * Events: `change` with `{events, action}` after each action, `refused` with `{error}`.
 */
export class Match extends EventTarget {
    #thinker;
    #isHalted = false;
    /** Counts the questions to the computer players: an answer that arrives after the match has moved on is ignored. */
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

    /** Whether a round is over and its result has not been read yet, or the game is over. */
    get isHalted() {
        return this.#isHalted;
    }

    /** Lets the computer players move until it is the user's turn. */
    run() {
        this.#isHalted = false;
        this.#next(paces[this.pace].move);
    }

    stop() {
        this.#asked += 1;
        this.#isHalted = true;
    }

    /**
     * Performs the user's action.
     * @param {Action} action
     */
    act(action) {
        this.#perform(action, me);
    }

    /**
     * Asks the computer player whose turn it is for a move, and performs it no earlier than the pace allows.
     * @param {number} delay in milliseconds
     */
    async #next(delay) {
        this.#asked += 1;
        const asked = this.#asked;
        const seat = this.game.toAct;
        if (this.#isHalted || seat === null || seat === me) return;
        const [action] = await Promise.all([this.#thinker.move(this.game, this.level, budget), pause(delay)]);
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
