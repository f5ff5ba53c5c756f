/**
 * Parses JSON from the server; null if it isn't valid.
 * @param {string} text @returns {any}
 */
export function parseJSON(text) {
    try {
        return JSON.parse(text);
    } catch {
        return null;
    }
}
