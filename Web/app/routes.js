/**
 * @typedef {'home' | 'browse' | 'mine' | 'create' | 'details' | 'edit' | 'account' | 'unknown'} RouteName
 * @typedef {{name: RouteName, id: string | null}} Route
 */

/** @type {[RegExp, RouteName][]} */
const table = [
    [/^$/, 'home'],
    [/^games$/, 'browse'],
    [/^games\/mine$/, 'mine'],
    [/^games\/new$/, 'create'],
    [/^games\/([^/]+)$/, 'details'],
    [/^games\/([^/]+)\/edit$/, 'edit'],
    [/^account$/, 'account'],
];

/**
 * The page for a path relative to where the app is mounted, without leading slash.
 * @param {string} path @returns {Route}
 */
export function matchRoute(path) {
    const bare = path.replace(/\/+$/, '');
    for (const [pattern, name] of table) {
        const match = pattern.exec(bare);
        if (!match) continue;
        const id = decode(match[1]);
        return id === undefined ? { name: 'unknown', id: null } : { name, id };
    }
    return { name: 'unknown', id: null };
}

/** @param {string | undefined} part */
function decode(part) {
    if (part === undefined) return null;
    try {
        return decodeURIComponent(part);
    } catch {
        return undefined;
    }
}

/** @param {string} id */
export const detailsPath = (id) => `games/${encodeURIComponent(id)}`;

/** @param {string} id */
export const editPath = (id) => `games/${encodeURIComponent(id)}/edit`;
