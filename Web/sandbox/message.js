// <chat-message>: one message with its embeds and components.
import { avatar } from '../shared/avatar.js';
import { h } from '../shared/dom.js';
import { fill } from './fill.js';
import { blocks, spans } from './markdown.js';

const EPHEMERAL = 1 << 6;
const LOADING = 1 << 7;
const clock = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' });
const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
/** @typedef {import('./types').Component} Component */

/** @type {Record<number, string>} */
const styles = { 1: 'primary', 2: 'secondary', 3: 'success', 4: 'danger', 5: 'link', 6: 'primary' };

export class ChatMessage extends HTMLElement {
    #shown = '';
    #content = '';
    /** @type {Set<string>} */
    #pending = new Set();
    #trouble = '';

    /**
     * @param {import('./store.js').Store} store
     * @param {import('./types').Message} message
     */
    constructor(store, message) {
        super();
        this.store = store;
        this.message = message;
    }

    connectedCallback() {
        this.setAttribute('role', 'article');
    }

    /**
     * Shows a message; does nothing if it is unchanged.
     * @param {import('./types').Message} message
     */
    show(message) {
        const { store } = this;
        this.message = message;
        this.setAttribute('data-id', message.id);
        this.setAttribute('data-key', `message-${message.id}`);
        const written = JSON.stringify([message, store.me, store.nameOf(message.author.id), this.#trouble, [...this.#pending]]);
        if (written === this.#shown) return;
        const isNew = this.#shown === '';
        this.#shown = written;
        this.render();
        const content = JSON.stringify([message.content, message.embeds]);
        if (!isNew && content !== this.#content) this.flash();
        this.#content = content;
    }

    flash() {
        this.classList.remove('changed');
        void this.offsetWidth;
        this.classList.add('changed');
    }

    again() {
        this.show(this.message);
    }

    render() {
        const { message, store } = this;
        const name = store.nameOf(message.author.id);
        const date = new Date(message.timestamp);
        const isToday = date.toDateString() === new Date().toDateString();
        this.setAttribute('aria-label', `${name}, ${clock.format(date)}`);
        this.classList.toggle('ephemeral', message.visible_to !== null);
        const rank = store.rank(message.author.id);
        const author = h('span', { class: 'author' }, name);
        if (rank?.color) author.style.setProperty('--role', `#${rank.color.toString(16).padStart(6, '0')}`);
        const head = h('header', {}, author, message.author.bot && h('span', { class: 'tag' }, 'APP'),
            h('time', { datetime: message.timestamp }, isToday ? clock.format(date) : day.format(date)));
        const parts = [];
        const about = this.origin();
        if (about) parts.push(about);
        parts.push(head);
        if (message.flags & LOADING) {
            parts.push(h('p', { class: 'thinking', role: 'status' }, `${name} is thinking…`));
        } else {
            const body = h('div', { class: 'content' }, ...blocks(message.content, store));
            if (message.edited_timestamp && message.content) body.lastElementChild?.append(h('span', { class: 'edited' }, ' (edited)'));
            if (message.content) parts.push(body);
            for (const embed of message.embeds) parts.push(this.embed(embed));
            if (message.components.length) parts.push(...message.components.map((component) => this.component(component)));
        }
        if (message.reactions?.length) {
            parts.push(h('p', { class: 'reactions' }, ...message.reactions.map((r) => h('span', {}, `${r.emoji.name} ${r.count}`))));
        }
        if (message.flags & EPHEMERAL) {
            parts.push(h('p', { class: 'only-you' }, 'Only you can see this · ', h('button', {
                type: 'button', class: 'plain', 'data-key': `dismiss-${message.id}`, onclick: () => this.removeMessage(),
            }, 'Dismiss')));
        }
        if (this.#trouble) parts.push(h('p', { class: 'trouble', role: 'alert' }, this.#trouble));
        const tools = this.tools();
        fill(this, [avatar({ id: message.author.id, name }), h('div', { class: 'body' }, ...parts), ...(tools ? [tools] : [])]);
    }

    /** The line above: the message it replies to, or the command it answers. */
    origin() {
        const { message, store } = this;
        const metadata = message.interaction_metadata;
        if (metadata?.name) {
            return h('p', { class: 'origin' }, `${store.nameOf(metadata.user.id)} used `, h('span', { class: 'mention' }, `/${metadata.name}`));
        }
        if (message.message_reference && message.visible_to === null) {
            const original = message.referenced_message;
            const text = original ? `${store.nameOf(original.author.id)}: ${original.content || 'a message'}` : 'a deleted message';
            return h('p', { class: 'origin' }, `In reply to ${text.slice(0, 80)}`);
        }
        return null;
    }

    tools() {
        const { message, store } = this;
        const permissions = BigInt(store.channel?.viewer_permissions ?? 0);
        const mayDelete = message.author.id === store.me || (permissions & (1n << 13n)) !== 0n;
        if (!mayDelete || message.visible_to !== null) return null;
        return h('button', {
            type: 'button', class: 'tool', title: 'Delete message', 'data-key': `delete-${message.id}`,
            'aria-label': `Delete this message by ${store.nameOf(message.author.id)}`, onclick: () => this.removeMessage(),
        }, h('span', { 'aria-hidden': 'true' }, '✕'));
    }

    async removeMessage() {
        await this.attempt('delete', () => this.store.remove(this.message));
    }

    // Embeds

    /** @param {import('./types').Embed} embed */
    embed(embed) {
        const { store } = this;
        const element = h('section', { class: 'embed', 'aria-label': embed.title ?? 'Embed' });
        if (embed.color) element.style.setProperty('--stripe', `#${embed.color.toString(16).padStart(6, '0')}`);
        if (embed.author) element.append(h('p', { class: 'embed-author' }, embed.author.name));
        if (embed.title) {
            const title = spans(embed.title, store);
            element.append(h('p', { class: 'embed-title' },
                ...(embed.url ? [h('a', { href: embed.url, target: '_blank', rel: 'noopener noreferrer' }, ...title)] : title)));
        }
        if (embed.description) element.append(h('div', { class: 'content' }, ...blocks(embed.description, store)));
        if (embed.fields?.length) {
            element.append(h('dl', {}, ...embed.fields.map((field) => h('div', { class: field.inline ? 'inline' : '' },
                h('dt', {}, ...spans(field.name, store)), h('dd', {}, ...blocks(field.value, store))))));
        }
        if (embed.image?.url) element.append(h('img', { src: embed.image.url, alt: '' }));
        if (embed.footer || embed.timestamp) {
            const when = embed.timestamp ? day.format(new Date(embed.timestamp)) : null;
            element.append(h('p', { class: 'embed-footer' }, [embed.footer?.text, when].filter(Boolean).join(' · ')));
        }
        return element;
    }

    // Components

    /**
     * @param {Component} component
     * @returns {HTMLElement}
     */
    component(component) {
        switch (component.type) {
            case 1: return h('div', { class: 'row' }, ...(component.components ?? []).map((c) => this.component(c)));
            case 2: return this.button(component);
            case 3: case 5: case 6: case 7: case 8: return this.menu(component);
            case 9: return h('div', { class: 'section' }, h('div', {}, ...(component.components ?? []).map((c) => this.component(c))),
                component.accessory ? this.component(component.accessory) : null);
            case 10: return h('div', { class: 'content' }, ...blocks(component.content ?? '', this.store));
            case 14: return h('hr');
            case 17: {
                const box = h('section', { class: 'embed' }, ...(component.components ?? []).map((c) => this.component(c)));
                if (component.accent_color) box.style.setProperty('--stripe', `#${component.accent_color.toString(16).padStart(6, '0')}`);
                return box;
            }
            default: return h('p', { class: 'small' }, '(attachment)');
        }
    }

    /** @param {Component} component */
    button(component) {
        const emoji = component.emoji?.id ? null : component.emoji?.name;
        const label = [emoji, component.label].filter(Boolean).join(' ');
        const kind = styles[component.style ?? 2] ?? 'secondary';
        if (component.style === 5) {
            return h('a', { class: `button ${kind}`, href: component.url, target: '_blank', rel: 'noopener noreferrer' },
                label, h('span', { 'aria-hidden': 'true' }, '↗'));
        }
        const customId = component.custom_id ?? '';
        const isPending = this.#pending.has(customId);
        return h('button', {
            type: 'button', class: `button ${kind}`, 'data-custom-id': customId, disabled: component.disabled,
            'data-key': `press-${customId}`, 'aria-busy': isPending ? 'true' : null,
            onclick: () => this.press(customId),
        }, label || 'Button');
    }

    /** @param {Component} component */
    menu(component) {
        const { store } = this;
        const customId = component.custom_id ?? '';
        const options = component.type === 3
            ? (component.options ?? []).map((o) => [o.value, o.label])
            : component.type === 6 ? store.world.roles.filter((r) => r.guild_id === store.guildId).map((r) => [r.id, r.name])
                : component.type === 8 ? store.channels.filter((c) => c.type !== 4).map((c) => [c.id, c.name])
                    : store.members.map((m) => [m.user_id, store.nameOf(m.user_id)]);
        return h('select', {
            class: 'menu', 'data-custom-id': customId, 'data-key': `menu-${customId}`,
            'aria-label': component.placeholder ?? 'Choose', disabled: component.disabled,
            onchange: (/** @type {{target: HTMLSelectElement}} */ event) => event.target.value && this.press(customId, [event.target.value]),
        }, h('option', { value: '' }, component.placeholder ?? 'Choose…'), ...options.map(([value, label]) => h('option', { value }, label ?? '')));
    }

    /**
     * @param {string} customId
     * @param {string[]} [values]
     */
    press(customId, values) {
        return this.attempt(customId, () => this.store.press(this.message, customId, values));
    }

    /**
     * Performs an action for the user and shows its outcome.
     * @param {string} key
     * @param {() => Promise<import('./types').Outcome>} action
     */
    async attempt(key, action) {
        if (this.#pending.has(key)) return;
        this.#pending.add(key);
        this.#trouble = '';
        this.again();
        try {
            const outcome = await action();
            if (outcome.status === 'timed_out') this.#trouble = 'This interaction failed: the application did not respond in time.';
        } catch (error) {
            this.#trouble = error instanceof Error ? error.message : String(error);
        }
        this.#pending.delete(key);
        if (this.isConnected) this.again();
    }
}

customElements.define('chat-message', ChatMessage);
