import { h } from '../shared/dom.js';

/** @typedef {import('./nommie.js').Level} Level */
/** @typedef {import('./match.js').Pace} Pace */
/** @typedef {{level: Level, pace: Pace}} Choice */

/** @type {[Level, string][]} */
const levels = [['random', 'Whimsical'], ['heuristic', 'Steady'], ['strategic', 'Sharp']];
/** @type {[Pace, string][]} */
const paces = [['calm', 'Calm'], ['quick', 'Quick'], ['at-once', 'At once']];

/**
 * The choice of opponents and of their speed.
 * @param {Choice} chosen
 */
function options(chosen) {
    return [group('level', 'The others play', levels, chosen.level), group('pace', 'Their pace', paces, chosen.pace)];
}

/**
 * The choice of the opponents' speed during a game.
 * @param {Pace} chosen @param {(pace: Pace) => void} change
 */
export function paceChoice(chosen, change) {
    const choice = group('pace', 'Their pace', paces, chosen);
    choice.addEventListener('change', (event) => {
        change(/** @type {Pace} */ (/** @type {HTMLInputElement} */ (event.target).value));
    });
    return choice;
}

/** @param {string} name @param {string} legend @param {[string, string][]} choices @param {string} chosen */
function group(name, legend, choices, chosen) {
    return h('fieldset', { class: 'options' }, h('legend', {}, legend), choices.map(([value, label]) =>
        h('label', { class: 'option' }, h('input', { type: 'radio', name, value, checked: value === chosen }), label)));
}

/** @param {HTMLFormElement} form @returns {Choice} */
function chosenIn(form) {
    const data = new FormData(form);
    return { level: /** @type {Level} */ (data.get('level')), pace: /** @type {Pace} */ (data.get('pace')) };
}

/**
 * The start page.
 * @param {Choice} chosen @param {(choice: Choice) => void} begin
 * @param {boolean} givesUp whether a game in progress would be lost
 */
export function welcome(chosen, begin, givesUp) {
    const form = h('form', { class: 'start' }, ...options(chosen), h('button', { class: 'button primary big' }, 'Deal the cards'));
    form.addEventListener('submit', (event) => {
        event.preventDefault();
        begin(chosenIn(form));
    });
    return h('div', { class: 'start' },
        h('h1', {}, 'Nommie'),
        h('p', { class: 'lead' }, 'Say how many tricks you will take, then take exactly as many. 26 rounds against three computer players, here in your browser: once the page is open it needs no connection.'),
        givesUp && h('p', { class: 'notice' }, 'You have a game in progress, which a new deal would end. ', h('a', { href: './' }, 'Continue it'), '.'),
        form,
        h('h2', {}, 'How it goes'),
        rules());
}

/**
 * Asks before a game in progress is abandoned.
 * @param {Choice} chosen @returns {Promise<Choice | null>}
 */
export function askForNewGame(chosen) {
    return new Promise((resolve) => {
        const form = h('form', { method: 'dialog', class: 'start' },
            h('h2', { id: 'new-game-title' }, 'Start a new game?'), h('p', {}, 'This ends the game in progress.'),
            ...options(chosen),
            h('div', { class: 'actions' },
                h('button', { value: 'no', class: 'button' }, 'Keep playing'),
                h('button', { value: 'yes', class: 'button primary' }, 'Deal the cards')));
        const dialog = h('dialog', { class: 'ask new-game', 'aria-labelledby': 'new-game-title' }, form);
        dialog.addEventListener('close', () => {
            dialog.remove();
            resolve(dialog.returnValue === 'yes' ? chosenIn(form) : null);
        });
        document.body.append(dialog);
        dialog.showModal();
    });
}

export function rules() {
    return h('ul', { class: 'rules' }, [
        '26 rounds: 13 cards each, then one fewer every round down to 2, four times 2, and up again to 13.',
        'Everybody bids how many tricks they will take. The dealer bids last, and the bids may not add up to the number of tricks. After three bids of 0 in a row, your next bid must be higher.',
        'The highest bid chooses the trump suit, or none. The player left of the dealer leads.',
        'Follow suit if you can. The highest trump takes the trick, or else the highest card of the suit led; aces are high.',
        'A trick counts one point; taking exactly your bid counts ten more.',
    ].map((rule) => h('li', {}, rule)));
}
