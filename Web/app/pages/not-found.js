import { h } from '../dom.js';
import { emptyState } from '../elements/states.js';

/** @returns {import('../router.js').Page} */
export function notFoundPage() {
    return {
        title: 'Not found',
        content: [
            h('h1', { class: 'visually-hidden' }, 'Not found'),
            emptyState({ title: 'This road ends here', text: 'There is no page at this address.', link: { label: 'To the games', href: 'games' } }),
        ],
    };
}

/** @returns {Node} */
export function missingGame() {
    return emptyState({
        title: 'This game isn’t here',
        text: 'It doesn’t exist, or it belongs to a server that you’re not in.',
        link: { label: 'To the games', href: 'games' },
    });
}
