import { h } from '../../shared/dom.js';
import { listed, sentence, suitOf, trumpName, trumpSign } from '../words.js';
import { Roving } from './roving.js';

/** @typedef {import('../types.js').TableView} TableView */
/** @typedef {import('../types.js').Trump} Trump */

/**
 * The viewer's choice of a bid or of the trump suit when it is their turn; empty otherwise.
 * Emits `nommie-action` with `{type: 'bid', bid}` or `{type: 'trump', trump}`.
 */
export class NommieChoices extends HTMLElement {
    #shown = '';
    /** @type {Roving | null} */
    #roving = null;

    /** @param {TableView} view */
    show(view) {
        const isAsked = view.legal.some((action) => action.type !== 'play');
        const key = isAsked ? `${view.round}/${view.phase}` : '';
        if (key === this.#shown) return;
        this.#shown = key;
        this.#roving = null;
        this.replaceChildren();
        if (key === '') return;
        if (view.phase === 'BIDDING') this.#askBid(view);
        else this.#askTrump(view);
    }

    get isAsking() {
        return this.#shown !== '';
    }

    focusChoice() {
        this.#roving?.focus();
    }

    /** @param {TableView} view */
    #askBid(view) {
        const allowed = new Set(view.legal.flatMap((action) => (action.type === 'bid' ? [action.bid] : [])));
        const all = Array.from({ length: view.hand_size + 1 }, (_, bid) => bid);
        const barred = all.filter((bid) => !allowed.has(bid));
        this.#ask('How many tricks will you take?', 'bids', 'Your bid', barred.length > 0 ? barredHint(view, barred) : '',
            all.map((bid) => this.#choice(allowed.has(bid), { type: 'bid', bid }, String(bid))));
        this.#roving?.prefer([...allowed][0] ?? 0);
    }

    /** @param {TableView} view */
    #askTrump(view) {
        const choices = view.legal.flatMap((action) => (action.type === 'trump' ? [action.trump] : []));
        this.#ask('Your bid is highest: which suit is trump?', 'trumps', 'Trump suit', '',
            choices.map((trump) => {
                const held = view.hand.filter((card) => suitOf(card) === trump).length;
                return this.#choice(true, { type: 'trump', trump },
                    trump !== 'NO_TRUMPS' && h('span', { class: 'sign', 'data-suit': trump, 'aria-hidden': 'true' }, trumpSign(trump)),
                    sentence(trumpName(trump)), trump !== 'NO_TRUMPS' && h('span', { class: 'held-count' }, ` (${held})`));
            }));
    }

    /** @param {string} question @param {string} look @param {string} label @param {string} hint @param {HTMLElement[]} choices */
    #ask(question, look, label, hint, choices) {
        const bar = h('div', { class: `choices ${look}`, role: 'toolbar', 'aria-label': label }, choices);
        this.append(h('h2', {}, question), bar, h('p', { class: 'hint' }, hint));
        this.#roving = new Roving(bar);
        this.#roving.settle();
    }

    /** @param {boolean} isAllowed @param {import('../types.js').Action} action @param {...import('../../shared/dom.js').Child} content */
    #choice(isAllowed, action, ...content) {
        const made = h('button', { type: 'button', class: 'button choice', 'aria-disabled': isAllowed ? null : 'true' }, ...content);
        made.addEventListener('click', () => {
            if (isAllowed) this.dispatchEvent(new CustomEvent('nommie-action', { bubbles: true, detail: action }));
        });
        return made;
    }
}

/** @param {TableView} view @param {number[]} barred */
function barredHint(view, barred) {
    const isLast = view.viewer_seat === view.dealer;
    const spoken = view.bids.reduce((/** @type {number} */ sum, bid) => sum + (bid ?? 0), 0);
    const reasons = barred.map((bid) =>
        isLast && spoken + bid === view.hand_size
            ? `not ${bid}: the bids may not add up to ${view.hand_size}`
            : `not ${bid}: you bid 0 three rounds running`);
    return `${sentence(listed(reasons))}.`;
}

customElements.define('nommie-choices', NommieChoices);
