import { actionOf, codeOf } from './bytes.js';

/**
 * The game that was left, kept on this device: the seed and what was done, from which all else follows.
 *
 * @typedef {object} Saved
 * @property {bigint} seed
 * @property {import('./nommie.js').Level} level
 * @property {import('./types.js').Action[]} actions
 */

const key = 'tandem-nommie';

/** @param {Saved} game */
export function save({ seed, level, actions }) {
    try {
        localStorage.setItem(key, JSON.stringify({ version: 1, seed: String(seed), level, actions: actions.map(codeOf) }));
    } catch {
        // Storage may be forbidden or full; then the game lasts as long as the page.
    }
}

/** @returns {Saved | null} null as well for what another version kept */
export function load() {
    try {
        const { version, seed, level, actions } = JSON.parse(localStorage.getItem(key) ?? '{}');
        if (version !== 1) return null;
        return { seed: BigInt(seed), level, actions: actions.map(actionOf) };
    } catch {
        return null;
    }
}
