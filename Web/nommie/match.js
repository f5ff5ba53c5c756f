import { save } from './saved-game.js';

/** @typedef {import('./types.js').Action} Action */
/** @typedef {import('./nommie.js').Level} Level */
/** @typedef {'calm' | 'quick' | 'at-once'} Pace */

/** How many cards a move of the strategic player may imagine: less than usual, for the page stands still meanwhile. */
const thinking = 50_000;

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
    #timer = 0;
    #isHalted = false;

    /** @param {import('./nommie.js').NommieGame} game @param {Level} level @param {Pace} pace */
    constructor(game, level, pace) {
        super();
        this.game = game;
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
        clearTimeout(this.#timer);
        this.#isHalted = true;
    }

    /**
     * What the person does.
     * @param {Action} action
     */
    act(action) {
        this.#perform(action, me);
    }

    /** @param {number} delay */
    #next(delay) {
        clearTimeout(this.#timer);
        const seat = this.game.toAct;
        if (this.#isHalted || seat === null || seat === me) return;
        this.#timer = setTimeout(() => this.#perform(this.game.aiMove(seat, this.level, thinking), seat), delay);
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
