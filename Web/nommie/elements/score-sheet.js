import { h } from '../../shared/dom.js';
import { sentence, trumpName, trumpSign } from '../words.js';

/** @typedef {import('../types.js').TableView} TableView */
/** @typedef {import('../types.js').Player} Player */

const rounds = 26;

/**
 * The number of cards per hand in a round.
 * @param {number} round from 1
 */
const handSize = (round) => (round <= 11 ? 14 - round : round <= 15 ? 2 : round - 13);

/** The 26 rounds with each player's bid, tricks and points; the totals are at the top, where they are seen first. */
export class NommieScoreSheet extends HTMLElement {
    #shown = '';

    /** @param {TableView} view @param {Player[]} players */
    show(view, players) {
        const key = `${view.history.length}/${view.round}/${players.map(({ name }) => name)}`;
        if (key === this.#shown) return;
        this.#shown = key;
        const best = Math.max(...view.scores);
        const leads = (/** @type {number} */ score) => best > 0 && score === best;
        this.replaceChildren(
            h('div', { class: view.phase === 'COMPLETED' ? 'sheet-scroll whole' : 'sheet-scroll', role: 'region', tabindex: 0, 'aria-label': 'Score sheet' },
                h('table', { class: 'scores' },
                    h('caption', { class: 'visually-hidden' }, 'Tricks taken of tricks bid, and points, by round'),
                    h('thead', {},
                        h('tr', {},
                            h('th', { scope: 'col' }, 'Round'),
                            players.map(({ name }) => h('th', { scope: 'col' }, name))),
                        h('tr', { class: 'totals' },
                            h('th', { scope: 'row' }, 'Total'),
                            players.map((_, seat) => total(view.scores[seat] ?? 0, leads(view.scores[seat] ?? 0))))),
                    h('tbody', {}, Array.from({ length: rounds }, (_, index) => row(view, index + 1))))));
        this.#reveal();
    }

    /** Scrolls the current round into view without moving the page. */
    #reveal() {
        const place = /** @type {HTMLElement} */ (this.firstElementChild);
        const current = this.querySelector('[aria-current]');
        if (current instanceof HTMLElement) place.scrollTop = Math.max(0, current.offsetTop - place.clientHeight / 2);
    }
}

/** @param {TableView} view @param {number} round */
function row(view, round) {
    const scored = view.history.find((each) => each.round === round);
    const isCurrent = !scored && round === view.round && view.phase !== 'COMPLETED';
    return h('tr', { 'aria-current': isCurrent ? 'true' : null },
        h('th', { scope: 'row' }, `${round}`, h('span', { class: 'size' }, ` · ${handSize(round)}`, h('span', { class: 'visually-hidden' }, ' cards')),
            scored && h('span', { class: 'sign', 'data-suit': scored.trump, title: trumpName(scored.trump) },
                h('span', { 'aria-hidden': 'true' }, trumpSign(scored.trump)),
                h('span', { class: 'visually-hidden' }, `, ${sentence(trumpName(scored.trump))}`))),
        [0, 1, 2, 3].map((seat) => (scored ? cell(scored, seat) : h('td', {}))));
}

/** @param {number} score @param {boolean} leads */
function total(score, leads) {
    return h('td', { class: leads ? 'leads' : null }, String(score), leads && h('span', { class: 'visually-hidden' }, ', leads'));
}

/** @param {import('../types.js').ScoredRound} scored @param {number} seat */
function cell(scored, seat) {
    const [bid, won, points] = [scored.bids[seat] ?? 0, scored.tricks[seat] ?? 0, scored.points[seat] ?? 0];
    const isMet = bid === won;
    return h('td', { class: isMet ? 'met' : null },
        h('span', { class: 'points' }, String(points)),
        h('span', { class: 'of' }, h('span', { class: 'visually-hidden' }, ' points, took '), `${won}/${bid}`));
}

customElements.define('nommie-scores', NommieScoreSheet);
