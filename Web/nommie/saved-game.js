import { onDevice } from '../shared/storage.js';
import { actionOf, codeOf } from './bytes.js';

/**
 * A game in progress, kept on this device: the seed and all actions, from which everything else follows.
 *
 * @typedef {object} Saved
 * @property {bigint} seed
 * @property {import('./nommie.js').Level} level
 * @property {import('./types.js').Action[]} actions
 */

const key = 'tandem-nommie';

/** @param {Saved} game */
export function save({ seed, level, actions }) {
    onDevice.write(key, JSON.stringify({ version: 1, seed: String(seed), level, actions: actions.map(codeOf) }));
}

/** @returns {Saved | null} null also for data of another version */
export function load() {
    try {
        const { version, seed, level, actions } = JSON.parse(onDevice.read(key) ?? '{}');
        if (version !== 1) return null;
        return { seed: BigInt(seed), level, actions: actions.map(actionOf) };
    } catch {
        return null;
    }
}
