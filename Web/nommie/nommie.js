import { actionOf, codeOf, readActions, readEvents } from './bytes.js';
import { tableView } from './view.js';

/**
 * The card game Nommie in the browser: the server's rules and computer players, compiled to WebAssembly.
 *
 *     const nommie = await loadNommie();
 *     const game = nommie.newGame(42n);
 *     game.apply({ type: 'bid', bid: 3 });
 *
 * @typedef {import('./types.js').Action} Action
 * @typedef {import('./types.js').TableView} TableView
 * @typedef {import('./bytes.js').GameEvent} GameEvent
 *
 * @typedef {'random' | 'heuristic' | 'strategic'} Level
 * @typedef {{ok: true, events: GameEvent[]} | {ok: false, error: RuleError}} Outcome
 *
 * @typedef {object} Exports of the module
 * @property {WebAssembly.Memory} memory
 * @property {(seed: bigint) => number} nommie_create
 * @property {(handle: number) => number} nommie_bytes
 * @property {(handle: number) => number} nommie_legal_actions
 * @property {(handle: number, seat: number, code: number) => number} nommie_apply
 * @property {(handle: number, seat: number) => number} nommie_view
 * @property {(handle: number) => number} nommie_state
 * @property {(handle: number) => number} nommie_to_act
 * @property {(handle: number, level: number, nodes: number, chance: bigint) => number} nommie_ai_move
 */

const text = new TextDecoder();
/** @type {Level[]} */
const levels = ['random', 'heuristic', 'strategic'];

/** How many cards a move of the strategic player may simulate by default: 10 ms on one core. */
export const standardBudget = 100_000;

/** The rule that an action would break; the game is unchanged. */
export class RuleError extends Error {
    /** @param {string} code such as `MUST_FOLLOW_SUIT` @param {string} message a sentence for the user */
    constructor(code, message) {
        super(message);
        this.name = 'RuleError';
        this.code = code;
    }
}

/** A whole game with all four hands. It has its own memory, which is freed with it. */
export class NommieGame {
    #exports;
    #handle;
    /** @type {Action[]} */
    #actions = [];

    /** @param {WebAssembly.Module} module @param {bigint} seed */
    constructor(module, seed) {
        this.seed = BigInt.asUintN(64, seed);
        this.#exports = /** @type {Exports} */ (/** @type {unknown} */ (new WebAssembly.Instance(module).exports));
        this.#handle = this.#exports.nommie_create(this.seed);
    }

    /** All actions in order: together with the seed, the whole game. */
    get actions() {
        return [...this.#actions];
    }

    /** The legal actions of the seat whose turn it is; empty once the game is completed. */
    legalActions() {
        return readActions(this.#answer(this.#exports.nommie_legal_actions(this.#handle)));
    }

    /**
     * Performs an action for the seat whose turn it is, or for the given seat.
     * @param {Action} action @param {number} [seat] @returns {Outcome}
     * @throws {RangeError} if it isn't an action at all
     */
    apply(action, seat = this.toAct ?? 0) {
        const length = this.#exports.nommie_apply(this.#handle, seat, codeOf(action));
        if (length === 0) throw new RangeError(`${JSON.stringify(action)} of seat ${seat} is not an action.`);
        const bytes = this.#answer(Math.abs(length));
        if (length < 0) {
            const [code = '', message = ''] = text.decode(bytes).split('\n');
            return { ok: false, error: new RuleError(code, message) };
        }
        this.#actions.push(action);
        return { ok: true, events: readEvents(bytes) };
    }

    /** Whose turn it is; null once the game is completed. */
    get toAct() {
        const seat = this.#exports.nommie_to_act(this.#handle);
        return seat < 0 ? null : seat;
    }

    /** @param {number | null} seat null for a spectator @returns {TableView} */
    view(seat) {
        return tableView(JSON.parse(this.viewText(seat)));
    }

    /**
     * A view in its JSON form.
     * @param {number | null} seat
     */
    viewText(seat) {
        return text.decode(this.#answer(this.#exports.nommie_view(this.#handle, seat ?? 4)));
    }

    /** The whole game in its binary form, including all hands. */
    bytes() {
        return this.#answer(this.#exports.nommie_state(this.#handle));
    }

    /**
     * Returns the action of a computer player of this level, based on what the seat can see, without performing it.
     * @param {number} seat whose turn it is @param {Level} level
     * @param {number} [budget] how many cards the search may simulate
     * @param {bigint} [chance] the seed of the player's randomness, by default the number of actions so far
     * @returns {Action}
     * @throws {RuleError} when it isn't the seat's turn
     */
    aiMove(seat, level, budget = standardBudget, chance = BigInt(this.#actions.length)) {
        if (this.toAct !== seat) throw new RuleError('OUT_OF_TURN', 'It is another seat’s turn.');
        return actionOf(this.#exports.nommie_ai_move(this.#handle, levels.indexOf(level), budget, chance));
    }

    /**
     * A copy of the module's answer: the next one overwrites it.
     * @param {number} length
     */
    #answer(length) {
        const start = this.#exports.nommie_bytes(this.#handle);
        return new Uint8Array(this.#exports.memory.buffer, start, length).slice();
    }
}

/** The compiled module, from which games are made. */
export class Nommie {
    /** @param {WebAssembly.Module} module it can be sent to a worker */
    constructor(module) {
        this.module = module;
    }

    /** @param {bigint} seed of 64 bits: the same seed gives the same deals */
    newGame(seed) {
        return new NommieGame(this.module, seed);
    }

    /**
     * The game after these actions.
     * @param {bigint} seed @param {Action[]} actions
     * @throws {RuleError} if one of them breaks a rule, so that they don't belong to a game with this seed
     */
    replay(seed, actions) {
        const game = this.newGame(seed);
        for (const action of actions) {
            const outcome = game.apply(action);
            if (!outcome.ok) throw outcome.error;
        }
        return game;
    }
}

/**
 * Fetches and compiles the module, or compiles the given bytes.
 * @param {BufferSource} [bytes]
 */
export async function loadNommie(bytes) {
    if (bytes) return new Nommie(await WebAssembly.compile(bytes));
    const answer = await fetch(new URL('nommie.wasm', import.meta.url));
    if (!answer.ok) throw new Error(`The game could not be loaded (${answer.status}).`);
    return new Nommie(await WebAssembly.compileStreaming(answer));
}
