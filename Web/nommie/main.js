import { h } from '../shared/dom.js';
import { onDevice } from '../shared/storage.js';
import { themeButton } from '../shared/theme-button.js';
import { Match } from './match.js';
import { loadNommie } from './nommie.js';
import { load } from './saved-game.js';
import { askForNewGame, welcome } from './start.js';
import { TablePage } from './table-page.js';
import { Thinker } from './thinker.js';

/** @typedef {import('./start.js').Choice} Choice */
/** @typedef {{nommie: import('./nommie.js').Nommie, thinker: Thinker}} Engine the rules, and the computer players */

const main = /** @type {HTMLElement} */ (document.getElementById('main'));
const paceKey = 'tandem-nommie-pace';
/** @type {Match | null} */
let match = null;
/** @type {Choice} */
let choice = { level: 'strategic', pace: rememberedPace() };

async function start() {
    document.getElementById('tools')?.replaceChildren(themeButton());
    const nommie = await loadNommie();
    const engine = { nommie, thinker: new Thinker(nommie) };
    const seed = seedOfLink();
    const saved = load();
    const game = saved && replayed(nommie, saved);
    if (saved && game && (seed === null || seed === saved.seed)) {
        choice = { ...choice, level: saved.level };
        sitDown(engine, new Match(game, engine.thinker, saved.level, choice.pace), 'Welcome back.');
    } else {
        const givesUp = game !== null && game.toAct !== null;
        main.replaceChildren(welcome(choice, (chosen) => begin(engine, chosen, seed), givesUp));
    }
}

/** @param {import('./nommie.js').Nommie} nommie @param {import('./saved-game.js').Saved} saved */
function replayed(nommie, saved) {
    try {
        return nommie.replay(saved.seed, saved.actions);
    } catch {
        // The saved game doesn't fit these rules, so it can't be continued.
        return null;
    }
}

/** @param {Engine} engine @param {Choice} chosen @param {bigint | null} [seed] */
function begin(engine, chosen, seed = null) {
    choice = chosen;
    rememberPace(chosen.pace);
    // The link's deals are in play now: coming back to this address continues them, or what followed them.
    history.replaceState(null, '', './');
    const random = crypto.getRandomValues(new BigUint64Array(1))[0] ?? 0n;
    const game = engine.nommie.newGame(seed ?? random);
    sitDown(engine, new Match(game, engine.thinker, chosen.level, chosen.pace), 'A new game.');
    main.focus({ preventScroll: true });
    window.scrollTo(0, 0);
}

/** @param {Engine} engine @param {Match} next @param {string} greeting */
function sitDown(engine, next, greeting) {
    match?.stop();
    match = next;
    const page = new TablePage(next, async () => {
        const isUnderWay = next.game.toAct !== null;
        const chosen = isUnderWay ? await askForNewGame(choice) : choice;
        if (chosen) begin(engine, chosen);
    }, (pace) => {
        choice = { ...choice, pace };
        next.pace = pace;
        rememberPace(pace);
    });
    main.replaceChildren(...page.content);
    page.greet(greeting);
    next.run();
}

function seedOfLink() {
    const text = new URLSearchParams(location.search).get('seed') ?? '';
    return /^\d{1,20}$/.test(text) ? BigInt.asUintN(64, BigInt(text)) : null;
}

/** @returns {import('./match.js').Pace} */
function rememberedPace() {
    const kept = onDevice.read(paceKey);
    return kept === 'quick' || kept === 'at-once' ? kept : 'calm';
}

/** @param {string} pace */
const rememberPace = (pace) => onDevice.write(paceKey, pace);

start().catch((error) => {
    main.replaceChildren(h('p', { class: 'notice trouble', role: 'alert' }, `The game can’t be played here: ${error instanceof Error ? error.message : 'something went wrong'}`));
});
