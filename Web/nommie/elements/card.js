import { h } from '../../shared/dom.js';
import { rankSign, suitOf, suitSign } from '../words.js';

/**
 * What is printed on a card. It is decoration: whoever shows it says its name.
 * @param {string} card
 */
export function cardFace(card) {
    return h('span', { class: 'playing-card', 'data-suit': suitOf(card), 'aria-hidden': 'true' },
        h('span', { class: 'rank' }, rankSign(card)),
        h('span', { class: 'suit' }, suitSign(suitOf(card))));
}
