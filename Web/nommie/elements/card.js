import { h } from '../../shared/dom.js';
import { rankSign, suitOf, suitSign } from '../words.js';

/**
 * The face of a card. It is decoration: the caller provides its name as text.
 * @param {string} card
 */
export function cardFace(card) {
    return h('span', { class: 'playing-card', 'data-suit': suitOf(card), 'aria-hidden': 'true' },
        h('span', { class: 'rank' }, rankSign(card)),
        h('span', { class: 'suit' }, suitSign(suitOf(card))));
}
