// Renders the part of Discord's markdown that bots use. Nothing is ever parsed as HTML.
import { h } from '../shared/dom.js';

/** @typedef {import('./store.js').Store} Store */

/** @type {[RegExp, (m: string[], c: Store) => Node][]} */
const inline = [
    [/^```(?:[a-z0-9+-]*\n)?([\s\S]+?)```/i, (m) => h('pre', { tabindex: '0' }, h('code', {}, (m[1] ?? '').replace(/\n$/, '')))],
    [/^`([^`\n]+)`/, (m) => h('code', {}, (m[1] ?? ''))],
    [/^\\([\\`*_~|<>[\]()#.+!:@-])/, (m) => document.createTextNode((m[1] ?? ''))],
    [/^\*\*([\s\S]+?)\*\*(?!\*)/, (m, c) => h('strong', {}, ...spans((m[1] ?? ''), c))],
    [/^__([\s\S]+?)__/, (m, c) => h('u', {}, ...spans((m[1] ?? ''), c))],
    [/^~~([\s\S]+?)~~/, (m, c) => h('s', {}, ...spans((m[1] ?? ''), c))],
    [/^\|\|([\s\S]+?)\|\|/, (m, c) => h('details', { class: 'spoiler' }, h('summary', {}, 'Spoiler'), ...spans((m[1] ?? ''), c))],
    [/^\*([^\s*][^*\n]*?)\*/, (m, c) => h('em', {}, ...spans((m[1] ?? ''), c))],
    [/^_([^\s_][^_\n]*?)_(?!\w)/, (m, c) => h('em', {}, ...spans((m[1] ?? ''), c))],
    [/^<t:(-?\d{1,13})(?::([tTdDfFRsS]))?>/, (m) => time(Number((m[1] ?? '')), m[2] ?? 'f')],
    [/^<@!?(\d+)>/, (m, c) => mention(`@${c.nameOf((m[1] ?? ''))}`)],
    [/^<@&(\d+)>/, (m, c) => mention(`@${c.role((m[1] ?? ''))?.name ?? 'role'}`)],
    [/^<#(\d+)>/, (m, c) => channelLink((m[1] ?? ''), c)],
    [/^<a?:(\w+):\d+>/, (m) => document.createTextNode(`:${(m[1] ?? '')}:`)],
    [/^<\/([^:>]+):\d+>/, (m) => mention(`/${(m[1] ?? '')}`)],
    [/^\[([^\]\n]+)\]\((https?:\/\/[^\s)]+)\)/, (m, c) => link((m[2] ?? ''), spans((m[1] ?? ''), c))],
    [/^<?(https?:\/\/[^\s<>]*[^\s<>.,;:!?)'"])>?/, (m) => link((m[1] ?? ''), [(m[1] ?? '')])],
];

/**
 * The inline elements of one piece of text.
 * @param {string} text
 * @param {Store} context
 * @returns {Node[]}
 */
export function spans(text, context) {
    /** @type {Node[]} */
    const nodes = [];
    let plain = '';
    const flush = () => {
        if (plain) nodes.push(document.createTextNode(plain));
        plain = '';
    };
    let rest = text;
    scan: while (rest) {
        if (/^[\\`*_~|<[h]/.test(rest)) {
            for (const [pattern, make] of inline) {
                // An underscore inside a snake_case word isn't emphasis.
                if (rest[0] === '_' && /\w$/.test(plain)) break;
                const match = pattern.exec(rest);
                if (!match) continue;
                flush();
                nodes.push(make(match, context));
                rest = rest.slice((match[0] ?? '').length);
                continue scan;
            }
        }
        plain += rest.charAt(0);
        rest = rest.slice(1);
    }

    flush();
    return nodes;
}

/**
 * The blocks of a whole text: paragraphs with line breaks, quotes, headings, lists.
 * @param {string} text
 * @param {Store} context
 */
export function blocks(text, context) {
    /** @type {HTMLElement[]} */
    const nodes = [];
    /** @type {string[]} */
    let lines = [];
    const flush = () => {
        if (!lines.length) return;
        nodes.push(h('p', {}, ...spans(lines.join('\n'), context)));
        lines = [];
    };
    const source = text.split('\n');
    for (let index = 0; index < source.length; index += 1) {
        const line = source[index] ?? '';
        if (line.includes('```')) {
            // A code block extends to its closing fence.
            let end = index;
            while (end < source.length - 1 && (lines.concat(source.slice(index, end + 1)).join('\n').match(/```/g) ?? []).length % 2) end += 1;
            lines.push(...source.slice(index, end + 1));
            index = end;
            continue;
        }
        const heading = /^(#{1,3}) +(.+)/.exec(line);
        const quote = /^> ?(.*)/.exec(line);
        const item = /^[-*] +(.+)/.exec(line);
        const small = /^-# +(.+)/.exec(line);
        if (heading) {
            flush();
            nodes.push(h('p', { class: `heading h${heading[1]?.length}` }, ...spans(heading[2] ?? '', context)));
        } else if (small) {
            flush();
            nodes.push(h('p', { class: 'small' }, ...spans(small[1] ?? '', context)));
        } else if (quote) {
            flush();
            let last = nodes[nodes.length - 1];
            if (last?.nodeName !== 'BLOCKQUOTE') {
                last = h('blockquote');
                nodes.push(last);
            }
            last?.append(h('p', {}, ...spans(quote[1] ?? '', context)));
        } else if (item) {
            flush();
            let last = nodes[nodes.length - 1];
            if (last?.nodeName !== 'UL') {
                last = h('ul');
                nodes.push(last);
            }
            last?.append(h('li', {}, ...spans(item[1] ?? '', context)));
        } else {
            lines.push(line);
        }
    }

    flush();
    return nodes;
}

/** @param {string} text */
function mention(text) {
    return h('span', { class: 'mention' }, text);
}

/**
 * @param {string} id
 * @param {Store} context
 */
function channelLink(id, context) {
    const channel = context.world.channels.find((c) => c.id === id);
    if (!channel || !context.canSee(channel)) return mention('#unknown');
    return h('button', {
        type: 'button', class: 'mention', 'data-key': `link-${id}`,
        onclick: () => context.choose({ guildId: channel.guild_id ?? '@me', channelId: id }),
    }, `#${channel.name}`);
}

/**
 * @param {string} href
 * @param {(Node | string)[]} children
 */
function link(href, children) {
    return h('a', { href, target: '_blank', rel: 'noopener noreferrer' }, ...children);
}

// Times

/** @type {Record<string, Intl.DateTimeFormatOptions>} */
const styles = {
    t: { timeStyle: 'short' }, T: { timeStyle: 'medium' }, d: { dateStyle: 'short' }, D: { dateStyle: 'long' },
    f: { dateStyle: 'long', timeStyle: 'short' }, F: { dateStyle: 'full', timeStyle: 'short' },
    s: { dateStyle: 'short', timeStyle: 'short' }, S: { dateStyle: 'short', timeStyle: 'medium' },
};
/** @type {[Intl.RelativeTimeFormatUnit, number][]} */
const units = [['year', 31_557_600], ['month', 2_629_800], ['day', 86_400], ['hour', 3600], ['minute', 60], ['second', 1]];
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' });

/** @param {number} seconds since 1970 */
function ago(seconds) {
    const distance = seconds - Date.now() / 1000;
    for (const [unit, length] of units) {
        if (Math.abs(distance) >= length) return relative.format(Math.round(distance / length), unit);
    }
    return relative.format(Math.round(distance), 'second');
}

/**
 * `<t:unix:style>`: a time in the user's own time zone.
 * @param {number} seconds since 1970
 * @param {string} style
 */
function time(seconds, style) {
    const date = new Date(seconds * 1000);
    if (Number.isNaN(date.getTime())) return document.createTextNode('invalid date');
    const whole = new Intl.DateTimeFormat(undefined, styles.F).format(date);
    const text = style === 'R' ? ago(seconds) : new Intl.DateTimeFormat(undefined, styles[style]).format(date);
    return h('time', {
        datetime: date.toISOString(), title: whole, 'data-relative': style === 'R' ? seconds : null,
    }, text);
}

/** Updates every relative time on the page. */
export function refreshTimes() {
    for (const element of document.querySelectorAll('time[data-relative]')) {
        const text = ago(Number(element.getAttribute('data-relative')));
        if (element.textContent !== text) element.textContent = text;
    }
}
