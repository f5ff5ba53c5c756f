import { unseen } from '../../shared/dom.js';
import { emptyState } from '../elements/states.js';

const toGames = { label: 'To the games', href: 'games' };

/** @returns {import('../router.js').Page} */
export function notFoundPage() {
    return {
        title: 'Not found',
        content: [
            unseen('Not found', 'h1'),
            emptyState({ title: 'Page not found', text: 'There is no page at this address.', link: toGames }),
        ],
    };
}

/** @returns {Node[]} */
export function missingGame() {
    const text = 'It doesn’t exist, or it belongs to a server that you’re not in.';
    return [unseen('Game not found', 'h1'), emptyState({ title: 'This game isn’t here', text, link: toGames })];
}
