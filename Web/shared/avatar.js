import { h } from './dom.js';

/** @param {string} name */
export function initials(name) {
    const words = name.trim().split(/[\s._-]+/).filter(Boolean);
    const letters = words.length > 1 ? [words[0], words[words.length - 1]] : [words[0] ?? '?'];
    return letters.map((word) => [...(word ?? '')][0] ?? '').join('').toUpperCase() || '?';
}

/**
 * A picture of somebody or something, or its initials on a colour of its own where it has no picture. It is decoration: the
 * name is in the text beside it, or in the label. The page's style sheet gives `data-hue` its colour.
 * @param {{id: string, name: string, picture?: string | null}} subject
 */
export function avatar({ id, name, picture }) {
    const face = h('span', { class: 'avatar', 'aria-hidden': 'true', 'data-hue': hue(id) });
    const showInitials = () => face.replaceChildren(initials(name));
    if (picture) face.append(h('img', { src: picture, alt: '', loading: 'lazy', onerror: showInitials }));
    else showInitials();
    return face;
}

/**
 * One of eight colours, always the same for the same id.
 * @param {string} id
 */
function hue(id) {
    let sum = 0;
    for (const character of id) sum = (sum * 31 + character.charCodeAt(0)) % 65_521;
    return sum % 8;
}
