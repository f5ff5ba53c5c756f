import { h } from '../../shared/dom.js';
import { cardName, counted, sentence, trumpName, trumpSign } from '../words.js';
import { cardFace } from './card.js';

/** @typedef {import('../types.js').TableView} TableView */
/** @typedef {import('../types.js').Player} Player */

const places = ['south', 'west', 'north', 'east'];

/**
 * The table from the viewer's seat: four seats clockwise, the dealer, whose turn it is, bids and tricks, the cards on the table,
 * the trump suit. A trick that was taken stays, dimmed, until the next card is played.
 */
export class NommieTable extends HTMLElement {
    /** Cards that were already on the table: all others have just been played. */
    #lying = new Set();

    /** @param {TableView} view @param {Player[]} players by seat @param {boolean} [isThinking] whether a player of the program is about to act */
    show(view, players, isThinking = false) {
        const taken = view.trick.length === 0 && isPlaying(view) ? view.last_trick : null;
        const cards = taken ? taken.cards : view.trick;
        this.replaceChildren(
            h('div', { class: 'felt' },
                players.map((player, seat) => this.#seat(view, seat, player, isThinking)),
                h('div', { class: taken ? 'trick taken' : 'trick', role: 'group', 'aria-label': trickLabel(view, players) },
                    cards.map((played) => this.#card(view, played, taken?.winner === played.seat, players)),
                    cards.length === 0 && h('p', { class: 'stake' }, stake(view))),
                view.trump && trumpMark(view.trump)));
        this.#lying = new Set(cards.map(({ card }) => card));
    }

    /** @param {TableView} view @param {number} seat @param {Player} player @param {boolean} isThinking */
    #seat(view, seat, player, isThinking) {
        const isAsked = view.to_act === seat;
        const bid = view.bids[seat];
        const won = view.tricks_won[seat] ?? 0;
        const counts = isPlaying(view);
        return h('section', { class: isAsked ? 'chair asked' : 'chair', 'data-place': placeOf(view, seat), 'aria-label': player.name },
            h('p', { class: 'who' }, h('strong', {}, player.name),
                view.dealer === seat && h('span', { class: 'mark' }, 'dealer'),
                view.bid_winner === seat && h('span', { class: 'mark' }, 'top bid')),
            tally(bid, won, counts, isAsked),
            isAsked && h('p', { class: 'asked-mark' }, seat === view.viewer_seat ? 'your turn' : isThinking ? 'thinking…' : 'to act'));
    }

    /** @param {TableView} view @param {import('../types.js').PlayedCard} played @param {boolean} isWinner @param {Player[]} players */
    #card(view, { seat, card }, isWinner, players) {
        const isNew = !this.#lying.has(card);
        return h('div', { class: `laid${isWinner ? ' winner' : ''}${isNew ? ' new' : ''}`, 'data-place': placeOf(view, seat) },
            h('span', { class: 'visually-hidden' }, `${players[seat]?.name ?? ''}: ${cardName(card)}${isWinner ? ', takes the trick' : ''}. `),
            cardFace(card));
    }
}

/** The previous trick, for players who missed it. */
export class NommieLastTrick extends HTMLElement {
    #body = h('ol', { class: 'last-cards' });
    #words = h('p', { class: 'hint' });

    #details = h('details', {}, h('summary', {}, 'Last trick'), this.#words, this.#body);

    connectedCallback() {
        this.append(this.#details);
    }

    /** @param {TableView} view @param {Player[]} players */
    show(view, players) {
        const trick = view.last_trick;
        this.hidden = trick === null;
        const winner = players[trick?.winner ?? 0];
        this.#words.textContent = trick ? `Taken by ${winner?.name ?? ''}` : '';
        this.#body.replaceChildren(...(trick?.cards ?? []).map(({ seat, card }) =>
            h('li', {}, cardFace(card), h('span', { class: 'visually-hidden' }, `${cardName(card)}, `), players[seat]?.name ?? '')));
    }
}

/** @param {TableView} view @param {number} seat */
const placeOf = (view, seat) => places[(seat - (view.viewer_seat ?? 0) + 4) % 4] ?? 'south';

/** @param {TableView} view */
const isPlaying = (view) => view.phase === 'TRICK_PLAY' || view.phase === 'COMPLETED';

/**
 * Tricks taken of those bid. Where space is short, the word “tricks” is for screen readers only.
 * @param {number | null | undefined} bid @param {number} won @param {boolean} counts @param {boolean} isAsked
 */
function tally(bid, won, counts, isAsked) {
    if (typeof bid !== 'number') return isAsked ? null : h('p', { class: 'tally' }, 'no bid yet');
    if (!counts) return h('p', { class: 'tally' }, `bids ${bid}`);
    const look = won === bid ? 'tally met' : won > bid ? 'tally over' : 'tally';
    return h('p', { class: look }, `${won} of ${bid}`, h('span', { class: 'unit' }, bid === 1 ? ' trick' : ' tricks'));
}

/** @param {import('../types.js').Trump} trump */
function trumpMark(trump) {
    if (trump === 'NO_TRUMPS') return h('p', { class: 'trump' }, h('strong', {}, 'No trumps'));
    return h('p', { class: 'trump' }, 'Trump ', h('strong', { 'data-suit': trump },
        h('span', { class: 'sign', 'aria-hidden': 'true' }, trumpSign(trump)), h('span', { class: 'trump-name' }, ` ${trumpName(trump)}`)));
}

/** @param {TableView} view @param {Player[]} players */
function trickLabel(view, players) {
    if (view.phase === 'BIDDING' || view.phase === 'TRUMP_SELECTION') return 'The table, still empty';
    if (view.trick.length > 0) return `Trick ${view.trick_number} of ${view.hand_size}`;
    return view.last_trick ? `The last trick, taken by ${players[view.last_trick.winner]?.name ?? ''}` : 'The table, still empty';
}

/**
 * The sum of the bids so far.
 * @param {TableView} view
 */
function stake(view) {
    const made = view.bids.filter((bid) => bid !== null);
    if (view.phase !== 'BIDDING') return '';
    const sum = made.reduce((/** @type {number} */ total, bid) => total + (bid ?? 0), 0);
    return sentence(`${counted(sum, 'trick')} bid of ${view.hand_size}`);
}

customElements.define('nommie-table', NommieTable);
customElements.define('nommie-last-trick', NommieLastTrick);
