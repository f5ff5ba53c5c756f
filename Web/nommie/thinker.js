import { actionOf, codeOf } from './bytes.js';

/**
 * @typedef {import('./types.js').Action} Action
 * @typedef {import('./nommie.js').Level} Level
 * @typedef {import('./nommie.js').NommieGame} NommieGame
 *
 * @typedef {object} Question what the page sends to the worker, after the compiled module
 * @property {number} number
 * @property {bigint} seed
 * @property {number[]} actions codes of what was done
 * @property {Level} level
 * @property {number} budget
 *
 * @typedef {{number: number, code: number}} Answer
 */

/**
 * Runs the computer players in a worker, so that the page stays responsive however long they take. They choose the same moves as
 * `aiMove` would here. In browsers without module workers they run on the page.
 */
export class Thinker {
    /** @type {Worker | null} */
    #worker = null;
    #asked = 0;
    /** @type {Map<number, {game: NommieGame, question: Question, answer: (action: Action) => void}>} */
    #open = new Map();

    /** @param {import('./nommie.js').Nommie} nommie */
    constructor(nommie) {
        try {
            const worker = new Worker(new URL('thinker-worker.js', import.meta.url), { type: 'module' });
            worker.addEventListener('message', ({ data }) => this.#answered(data));
            worker.addEventListener('error', () => this.#workHere());
            worker.addEventListener('messageerror', () => this.#workHere());
            worker.postMessage(nommie.module);
            this.#worker = worker;
        } catch {
            this.#worker = null;
        }
    }

    /**
     * The move of a player of this level in the current turn.
     * @param {NommieGame} game @param {Level} level @param {number} budget how many cards the search may simulate
     * @returns {Promise<Action>}
     */
    move(game, level, budget) {
        this.#asked += 1;
        const question = { number: this.#asked, seed: game.seed, actions: game.actions.map(codeOf), level, budget };
        return new Promise((answer) => {
            this.#open.set(question.number, { game, question, answer });
            if (this.#worker) this.#worker.postMessage(question);
            else this.#workHere();
        });
    }

    /** @param {Answer} answer */
    #answered({ number, code }) {
        this.#open.get(number)?.answer(actionOf(code));
        this.#open.delete(number);
    }

    /** The worker is unavailable: its open questions and all later ones are answered here. */
    #workHere() {
        this.#worker?.terminate();
        this.#worker = null;
        for (const { game, question: { number, level, budget } } of [...this.#open.values()]) {
            if (game.toAct !== null) this.#answered({ number, code: codeOf(game.aiMove(game.toAct, level, budget)) });
        }
    }
}
