/** Times as people write them, in the user's time zone and language, and how far away they are. */

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** @param {number} time @param {number} now */
export function calendarDaysBetween(time, now) {
    const midnight = (/** @type {number} */ value) => new Date(value).setHours(0, 0, 0, 0);
    return Math.round((midnight(time) - midnight(now)) / day);
}

/**
 * `Today`, `Tomorrow`, `Saturday 28 November`: a heading for everything on that day.
 * @param {number} time @param {number} now @param {string} [locale]
 */
export function dayHeading(time, now, locale) {
    const days = calendarDaysBetween(time, now);
    if (days === 0) return 'Today';
    if (days === 1) return 'Tomorrow';
    if (days === -1) return 'Yesterday';
    const sameYear = new Date(time).getFullYear() === new Date(now).getFullYear();
    return new Intl.DateTimeFormat(locale, {
        weekday: 'long', day: 'numeric', month: 'long', ...(sameYear ? {} : { year: 'numeric' }),
    }).format(time);
}

/** @param {number} time @param {string} [locale] */
export function timeOfDay(time, locale) {
    return new Intl.DateTimeFormat(locale, { hour: 'numeric', minute: '2-digit' }).format(time);
}

/**
 * A time of day for a narrow space: the digits, and the period (such as AM) that goes below them.
 * @param {number} time @param {string} [locale]
 */
export function clockFace(time, locale) {
    const parts = new Intl.DateTimeFormat(locale, { hour: 'numeric', minute: '2-digit' }).formatToParts(time);
    const period = parts.find((part) => part.type === 'dayPeriod')?.value ?? '';
    const digits = parts.filter((part) => part.type !== 'dayPeriod').map((part) => part.value).join('').trim();
    return { digits, period };
}

/** @param {number} time @param {string} [locale] */
export function fullTime(time, locale) {
    return new Intl.DateTimeFormat(locale, {
        weekday: 'long', day: 'numeric', month: 'long', year: 'numeric', hour: 'numeric', minute: '2-digit',
    }).format(time);
}

/**
 * The zone's short name at that time, such as `CET` or `GMT+1`.
 * @param {number} time @param {string} [locale]
 */
export function zoneName(time, locale) {
    const parts = new Intl.DateTimeFormat(locale, { timeZoneName: 'short' }).formatToParts(time);
    return parts.find((part) => part.type === 'timeZoneName')?.value ?? '';
}

/** @param {number} minutes */
export function durationText(minutes) {
    const hours = Math.floor(minutes / 60);
    const rest = minutes % 60;
    return [hours > 0 ? `${hours} h` : '', rest > 0 || hours === 0 ? `${rest} min` : ''].filter(Boolean).join(' ');
}

/**
 * How far away a game is: `in 3 days`, `in 2 h 5 min`, `in 4:09`, `for 25 min`, `ended`.
 * @param {number} start @param {number} end @param {number} now
 */
export function countdown(start, end, now) {
    const left = start - now;
    if (left > 60 * day) return `in ${Math.round(left / (30.44 * day))} months`;
    if (left > 2 * day) return `in ${calendarDaysBetween(start, now)} days`;
    if (left > day) return `in ${Math.floor(left / hour)} h`;
    if (left > hour) return `in ${durationText(Math.floor(left / minute))}`;
    if (left > 10 * minute) return `in ${Math.ceil(left / minute)} min`;
    if (left > 0) return `in ${Math.floor(left / minute)}:${pad(Math.floor((left % minute) / 1000))}`;
    if (now >= end) return 'ended';
    const running = Math.floor(-left / minute);
    return running === 0 ? 'now' : `for ${durationText(running)}`;
}

/** @param {number} number */
const pad = (number) => String(number).padStart(2, '0');

/**
 * A time as the values of a date and a time input, in the user's time zone.
 * @param {number} time
 */
export function toInputs(time) {
    const at = new Date(time);
    return {
        date: `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}`,
        time: `${pad(at.getHours())}:${pad(at.getMinutes())}`,
    };
}

/**
 * The time that a date and a time input specify, or null while they are incomplete.
 * @param {string} date @param {string} time
 */
export function fromInputs(date, time) {
    if (!/^\d{4,6}-\d\d-\d\d$/.test(date) || !/^\d\d:\d\d/.test(time)) return null;
    const value = new Date(`${date}T${time}`).getTime();
    return Number.isNaN(value) ? null : value;
}
