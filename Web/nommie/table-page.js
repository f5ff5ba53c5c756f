import { button, h, setText } from '../shared/dom.js';
import { NommieChoices } from './elements/choices.js';
import { NommieHand } from './elements/hand.js';
import { NommieLog } from './elements/log.js';
import { NommieResult } from './elements/result.js';
import { NommieScoreSheet } from './elements/score-sheet.js';
import { NommieLastTrick, NommieTable } from './elements/table.js';
import { me } from './match.js';
import { asked, sentenceFor } from './narrator.js';
import { paceChoice, rules } from './start.js';
import { counted } from './words.js';

/** @typedef {import('./match.js').Match} Match */

/** @type {import('./types.js').Player[]} */
export const players = [
    { name: 'You', is_ai: false },
    { name: 'Ada', is_ai: true },
    { name: 'Emmy', is_ai: true },
    { name: 'Blaise', is_ai: true },
];

/** The table with everything around it. It draws the match and passes the user's actions to it. */
export class TablePage {
    #match;
    #where = h('p', { class: 'lead' });
    #said = h('p', { class: 'said', role: 'status' });
    #table = new NommieTable();
    #result = new NommieResult();
    #choices = new NommieChoices();
    #hand = new NommieHand();
    #lastTrick = new NommieLastTrick();
    #scores = new NommieScoreSheet();
    #log = new NommieLog();
    #playArea;
    /** Whether the focus was at the table when it was last drawn; it then belongs there even if its card is gone. */
    #holdsFocus = false;
    /** The kind of decision the user was asked for when the focus was last set. */
    #focused = '';
    /** @type {HTMLElement[]} */
    content;

    /** @param {Match} match @param {() => void} startAnew @param {(pace: import('./match.js').Pace) => void} changePace */
    constructor(match, startAnew, changePace) {
        this.#match = match;
        this.#playArea = h('div', { class: 'play-area' }, this.#table, this.#said, this.#result, this.#choices, this.#hand, this.#lastTrick);
        this.content = [
            h('div', { class: 'game-head' }, h('div', {}, h('h1', {}, 'Nommie'), this.#where),
                h('div', { class: 'actions' }, button('New game', startAnew))),
            h('div', { class: 'nommie-page' }, this.#playArea,
                h('div', { class: 'beside' },
                    h('section', {}, h('h2', {}, 'Scores'), this.#scores),
                    h('section', {}, h('h2', {}, 'What happened'), this.#log),
                    paceChoice(match.pace, changePace),
                    h('details', {}, h('summary', { class: 'summary' }, 'Rules'), rules()),
                    h('p', { class: 'hint' }, h('a', { href: `?seed=${match.game.seed}` }, 'Link to these deals'), ' for somebody else to try.'))),
        ];
        this.#result.hidden = true;
        this.#listen(startAnew);
        this.#draw();
    }

    /**
     * Announces the state of the game at its start, or when it is resumed.
     * @param {string} greeting
     */
    greet(greeting) {
        const { view } = this.#match;
        this.#log.add(`${greeting} Round ${view.round}, ${counted(view.hand_size, 'card')} each.`);
    }

    /** @param {() => void} startAnew */
    #listen(startAnew) {
        this.#playArea.addEventListener('nommie-action', (event) => {
            this.#match.act(/** @type {CustomEvent} */ (event).detail);
        });
        this.#playArea.addEventListener('nommie-refused', (event) => {
            this.#match.act({ type: 'play', card: /** @type {CustomEvent} */ (event).detail.card });
        });
        this.#playArea.addEventListener('nommie-continue', (event) => {
            if (/** @type {CustomEvent} */ (event).detail.isOver) return startAnew();
            this.#match.run();
            this.#draw();
        });
        this.#match.addEventListener('change', (event) => this.#changed(/** @type {CustomEvent} */ (event).detail.events));
        this.#match.addEventListener('refused', (event) => {
            setText(this.#said, /** @type {CustomEvent} */ (event).detail.error.message);
        });
    }

    /** @param {import('./bytes.js').GameEvent[]} events */
    #changed(events) {
        const { view } = this.#match;
        for (const event of events) this.#log.add(sentenceFor(event, view, players));
        this.#draw();
    }

    #draw() {
        const { view, isHalted } = this.#match;
        const shown = isHalted ? roundPlayed(view) : view;
        const isMine = !isHalted && view.to_act === me;
        const active = document.activeElement;
        const wasHere = this.#playArea.contains(active) || (this.#holdsFocus && active === document.body);
        this.#holdsFocus = wasHere;
        const isOver = view.phase === 'COMPLETED';
        setText(this.#where, `Round ${shown.round} of 26, ${counted(shown.hand_size, 'card')} each`);
        this.#table.show(shown, players, !isMine && !isHalted);
        if (isHalted || isOver) this.#result.show(view, players);
        else this.#result.clear();
        this.#choices.show(shown);
        this.#hand.hidden = isHalted || isOver;
        this.#hand.show(shown);
        this.#lastTrick.show(view, players);
        this.#scores.show(view, players);
        setText(this.#said, isMine ? asked(view, players) : '');
        this.#said.toggleAttribute('data-mine', isMine);
        document.title = isMine ? '● Your turn · Nommie' : 'Nommie · Tandem';
        this.#moveFocus(isHalted || isOver ? 'result' : this.#choices.isAsking ? 'choice' : 'hand', wasHere);
    }

    /**
     * Moves the focus along with the decision that is asked for, if it was at the table; it is never taken from elsewhere.
     * @param {string} asked @param {boolean} wasHere
     */
    #moveFocus(asked, wasHere) {
        const isLost = wasHere && !this.#playArea.contains(document.activeElement);
        const changed = asked !== this.#focused;
        this.#focused = asked;
        if (!isLost && !(wasHere && changed)) return;
        if (asked === 'result') this.#result.focusButton();
        else if (asked === 'choice') this.#choices.focusChoice();
        else this.#hand.focusCard();
    }
}

/**
 * The table at the end of the previous round, shown while its result is read, with the next hand still hidden.
 * @param {import('./types.js').TableView} view
 * @returns {import('./types.js').TableView}
 */
function roundPlayed(view) {
    const last = view.history.at(-1);
    if (!last) return view;
    const dealer = (last.round - 1) % 4;
    const { round, hand_size, trump, bids, tricks: tricks_won } = last;
    const seen = { round, hand_size, dealer, trump, bids, tricks_won };
    return { ...view, ...seen, phase: 'TRICK_PLAY', to_act: null, bid_winner: null, trick: [], hand: [], legal: [] };
}
