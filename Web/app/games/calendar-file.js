/**
 * A game as an iCalendar file (RFC 5545), for the calendar of a phone or a computer.
 *
 * @param {import('../types.js').Game} game @param {string} url @param {number} now @returns {string}
 */
export function calendarFile(game, url, now) {
    const start = Date.parse(game.scheduled_at);
    const lines = [
        'BEGIN:VCALENDAR',
        'VERSION:2.0',
        'PRODID:-//Tandem//Games//EN',
        'BEGIN:VEVENT',
        `UID:game-${game.id}@tandem`,
        `SEQUENCE:${game.version}`,
        `DTSTAMP:${stamp(now)}`,
        `DTSTART:${stamp(start)}`,
        `DTEND:${stamp(start + game.duration_minutes * 60_000)}`,
        `SUMMARY:${escape(game.title)}`,
        ...(game.description ? [`DESCRIPTION:${escape(game.description)}`] : []),
        ...(game.where ? [`LOCATION:${escape(game.where)}`] : []),
        `URL:${url}`,
        ...(game.status === 'cancelled' ? ['STATUS:CANCELLED'] : []),
        'END:VEVENT',
        'END:VCALENDAR',
    ];
    return lines.map(fold).join('\r\n') + '\r\n';
}

/** @param {number} time */
const stamp = (time) => new Date(time).toISOString().replace(/[-:]|\.\d{3}/g, '');

/**
 * Section 3.3.11.
 * @param {string} text
 */
const escape = (text) => text.replace(/[\\;,]/g, '\\$&').replace(/\r\n|\r|\n/g, '\\n');

/**
 * Lines are at most 75 bytes; longer ones continue after a space (section 3.1).
 * @param {string} line
 */
function fold(line) {
    const encoder = new TextEncoder();
    const pieces = [''];
    let size = 0;
    for (const character of line) {
        const bytes = encoder.encode(character).length;
        if (size + bytes > 74) {
            pieces.push('');
            size = 0;
        }
        pieces[pieces.length - 1] += character;
        size += bytes;
    }
    return pieces.join('\r\n ');
}
