import { actionOf, codeOf } from './bytes.js';
import { Nommie } from './nommie.js';

/** The worker behind `Thinker`: it receives the compiled module first, then one question after another. */

/** @typedef {import('./thinker.js').Question} Question */

/** @type {Nommie | null} */
let nommie = null;
/** @type {import('./nommie.js').NommieGame | null} */
let game = null;

addEventListener('message', ({ data }) => {
    if (data instanceof WebAssembly.Module) {
        nommie = new Nommie(data);
        return;
    }
    const { number, level, budget } = /** @type {Question} */ (data);
    game = upToDate(data);
    postMessage({ number, code: codeOf(game.aiMove(game.toAct ?? 0, level, budget)) });
});

/**
 * The game as it is on the page: usually that of the last question, a few actions later.
 * @param {Question} question
 */
function upToDate({ seed, actions }) {
    if (!nommie) throw new Error('The module comes before the first question.');
    const known = game?.actions.map(codeOf) ?? [];
    const goesOn = game?.seed === seed && known.length <= actions.length && known.every((code, place) => code === actions[place]);
    if (!game || !goesOn) return nommie.replay(seed, actions.map(actionOf));
    for (const code of actions.slice(known.length)) game.apply(actionOf(code));
    return game;
}
