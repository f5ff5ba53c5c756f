import { arrange, h, setText } from '../../shared/dom.js';
import { cardName, sentence, sorted, suitOf } from '../words.js';
import { cardFace } from './card.js';
import { Roving } from './roving.js';

/** @typedef {import('../types.js').TableView} TableView */

/** A key press this soon after the focus was moved is ignored, because it was meant for the card before; in milliseconds. */
const cooldown = 400;

/**
 * The viewer's cards: one stop for the Tab key, arrows between the cards, Enter plays. On touch screens the first tap
 * lifts a card and the second plays it.
 *
 * Emits `nommie-action` with `{type: 'play', card}` for a card that may be played, `nommie-refused` with `{card}` for
 * one that may not. Cards that may not be played are dimmed, but only when it is the viewer's turn to play.
 */
export class NommieHand extends HTMLElement {
    /** @type {Map<string, HTMLButtonElement>} */
    #buttons = new Map();
    /** @type {Set<string>} */
    #playable = new Set();
    #isPlaying = false;
    #lifted = '';
    #pointer = '';
    #cards = h('div', { class: 'cards-held', role: 'toolbar', 'aria-label': 'Your hand' });
    #hint = h('p', { class: 'hand-hint' });
    #roving = new Roving(this.#cards);
    /** Whether the user has moved to a card since their last turn: then the focus stays there. */
    #isWandering = false;
    /** When the focus was last moved to another card for the user. */
    #ledAt = -Infinity;

    connectedCallback() {
        this.append(this.#cards, this.#hint);
        this.#cards.addEventListener('pointerdown', (event) => {
            this.#pointer = event.pointerType;
        });
        this.#cards.addEventListener('keydown', (event) => {
            this.#pointer = '';
            if (/^(Arrow|Home|End)/.test(event.key)) [this.#isWandering, this.#ledAt] = [true, -Infinity];
            else if (/^( |Enter|Tab)$/.test(event.key)) this.#isWandering = false;
            if (event.key === 'Escape') this.#lift('');
        });
    }

    /** @param {TableView} view */
    show(view) {
        const held = sorted(view.hand);
        const plays = view.legal.flatMap((action) => (action.type === 'play' ? [action.card] : []));
        const isNewTurn = plays.length > 0 && !this.#isPlaying;
        this.#playable = new Set(plays);
        this.#isPlaying = plays.length > 0;
        const hadFocus = this.#cards.contains(document.activeElement);
        if (!this.#playable.has(this.#lifted)) this.#lifted = '';
        for (const card of this.#buttons.keys()) if (!held.includes(card)) this.#buttons.delete(card);
        arrange(this.#cards, held.map((card, index) => this.#button(card, suitOf(held[index - 1] ?? card) !== suitOf(card))));
        this.#cards.setAttribute('aria-label', `Your hand, ${held.length} cards`);
        this.#lift(this.#lifted);
        this.#roving.settle();
        this.#roving.prefer(this.#roving.buttons.findIndex((button) => button === document.activeElement));
        if (isNewTurn && !(hadFocus && this.#isWandering)) this.#preferPlayable();
        if (!hadFocus || document.activeElement === this.#roving.current) return;
        if (this.#cards.contains(document.activeElement)) this.#ledAt = performance.now();
        this.#roving.focus();
    }

    focusCard() {
        this.#preferPlayable();
        this.#roving.focus();
    }

    /** Keeps the current place in the hand if that card may be played. */
    #preferPlayable() {
        this.#isWandering = false;
        const isPlayable = (/** @type {HTMLButtonElement | undefined} */ button) => button?.getAttribute('aria-disabled') !== 'true';
        if (!isPlayable(this.#roving.current)) this.#roving.prefer(this.#roving.buttons.findIndex(isPlayable));
    }

    /** @param {string} card @param {boolean} opensSuit */
    #button(card, opensSuit) {
        const made = this.#buttons.get(card) ?? this.#make(card);
        made.setAttribute('aria-disabled', String(this.#isPlaying && !this.#playable.has(card)));
        made.classList.toggle('opens-suit', opensSuit);
        return made;
    }

    /** @param {string} card */
    #make(card) {
        const made = h('button', { type: 'button', class: 'held', 'data-card': card, 'aria-label': sentence(cardName(card)) },
            cardFace(card));
        made.addEventListener('click', ({ detail }) => {
            // Ignores a key press that was meant for the card before.
            if (detail > 0 || performance.now() - this.#ledAt > cooldown) this.#pressed(card);
        });
        this.#buttons.set(card, made);
        return made;
    }

    /** @param {string} card */
    #pressed(card) {
        if (!this.#playable.has(card)) {
            this.#lift('');
            this.dispatchEvent(new CustomEvent('nommie-refused', { bubbles: true, detail: { card } }));
            return;
        }
        const isTouch = this.#pointer === 'touch' || this.#pointer === 'pen';
        if (isTouch && this.#lifted !== card) return this.#lift(card);
        this.#lift('');
        this.dispatchEvent(new CustomEvent('nommie-action', { bubbles: true, detail: { type: 'play', card } }));
    }

    /** @param {string} card */
    #lift(card) {
        this.#lifted = card;
        for (const [name, button] of this.#buttons) button.classList.toggle('lifted', name === card);
        setText(this.#hint, card === '' ? '' : `Tap the ${cardName(card)} again to play it.`);
    }
}

customElements.define('nommie-hand', NommieHand);
