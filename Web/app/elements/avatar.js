import { h } from '../dom.js';

/** @param {string} name */
export function initials(name) {
    const words = name.trim().split(/[\s._-]+/).filter(Boolean);
    const letters = words.length > 1 ? [words[0], words[words.length - 1]] : [words[0] ?? '?'];
    return letters.map((word) => [...(word ?? '')][0] ?? '').join('').toUpperCase() || '?';
}

/**
 * A person's face: their picture where there is one, else their initials in a colour of their own.
 * The name stands next to it or in a label; this is decoration.
 * @param {{id: string, name: string, picture?: string | null}} person
 */
export function avatar({ id, name, picture }) {
    const face = h('span', { class: 'avatar', 'aria-hidden': 'true', 'data-hue': hue(id) });
    const spellOut = () => face.replaceChildren(initials(name));
    if (picture) face.append(h('img', { src: picture, alt: '', loading: 'lazy', onerror: spellOut }));
    else spellOut();
    return face;
}

/**
 * One of eight colours, the same everywhere for one person.
 * @param {string} id
 */
function hue(id) {
    let sum = 0;
    for (const character of id) sum = (sum * 31 + character.charCodeAt(0)) % 65_521;
    return sum % 8;
}
