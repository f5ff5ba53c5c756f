import { WorldView } from './world-view.js';

/** @typedef {import('./types').Message} Message */

/**
 * The world as one user sees it, kept up to date by the stream of changes, and the requests that change it. Fires `change`
 * when the page must be redrawn, `message` (detail: the message) and `gone` (detail: ids) for single messages, and `form` when
 * an application asks the user to fill in a form.
 */
export class Store extends WorldView {
    constructor() {
        super();
        this.connected = false;
        /** @type {number | undefined} */
        this.reloading = undefined;
        /** @type {number | undefined} */
        this.reopening = undefined;
        /** The number of requests for the world: only the latest response counts. */
        this.asked = 0;
        /**
         * Changes since the pending request was sent, which its response may not include.
         * @type {any[] | null}
         */
        this.happened = null;
        /** @type {EventSource | null} */
        this.stream = null;
        // An open stream would keep the page out of the back/forward cache.
        addEventListener('pagehide', () => {
            clearTimeout(this.reopening);
            this.stream?.close();
        });
        addEventListener('pageshow', (event) => {
            if (event.persisted) this.connect();
        });
    }

    connect() {
        clearTimeout(this.reopening);
        this.stream?.close();
        const stream = new EventSource('/sandbox/events');
        this.stream = stream;
        stream.addEventListener('ready', () => {
            this.connected = true;
            this.load();
        });
        stream.onerror = () => {
            if (this.connected) {
                this.connected = false;
                this.dispatchEvent(new Event('change'));
            }
            // An error response is final for an EventSource, so a new one is needed.
            if (stream.readyState === EventSource.CLOSED) this.reopening = window.setTimeout(() => this.connect(), 2000);
        };
        stream.onmessage = (event) => this.received(JSON.parse(event.data));
    }

    /** @param {any} change one line of the stream */
    received(change) {
        switch (change.type) {
            case 'message':
                this.markUnread(change.message);
                this.note(change);
                this.dispatchEvent(new CustomEvent('message', { detail: change.message }));
                break;
            case 'message_delete':
                this.note(change);
                this.dispatchEvent(new CustomEvent('gone', { detail: change }));
                break;
            case 'interaction_answered':
                if (change.user_id === this.me && change.response?.type === 9) {
                    this.dispatchEvent(new CustomEvent('form', { detail: change }));
                }
                break;
            case 'state':
            case 'commands':
                this.reloading ??= window.setTimeout(() => this.load(), 40);
        }
    }

    /** @param {any} change of one message */
    note(change) {
        this.happened?.push(change);
        this.apply(change);
    }

    /** @param {any} change of one message */
    apply(change) {
        if (change.type === 'message') this.messages.set(change.message.id, change.message);
        else this.messages.delete(change.id);
    }

    /** @param {Message} message */
    markUnread(message) {
        const isNew = !this.messages.has(message.id) && !this.unread.has(message.channel_id);
        const isMine = message.author.id === this.me || (message.visible_to !== null && message.visible_to !== this.me);
        if (!isNew || isMine || message.channel_id === this.channelId) return;
        this.unread.add(message.channel_id);
        this.dispatchEvent(new Event('change'));
    }

    /** @returns {Promise<void>} */
    async load() {
        clearTimeout(this.reloading);
        this.reloading = undefined;
        this.asked += 1;
        const { asked } = this;
        /** @type {any[]} */
        const happened = [];
        this.happened = happened;
        const world = await this.read().catch(() => null);
        if (asked !== this.asked) return;
        if (world === null) {
            this.reloading = window.setTimeout(() => this.load(), 2000);
            return;
        }
        this.world = world;
        this.messages = new Map(this.world.messages.map((message) => [message.id, message]));
        for (const change of happened) this.apply(change);
        this.happened = null;
        const [first] = this.people;
        if (first && !this.people.some((user) => user.id === this.me)) this.me = first.id;
        // The response may be for the user who was selected before.
        if (first && this.world.viewer_id !== this.me) return this.load();
        this.isLoaded = true;
        this.settle();
        this.dispatchEvent(new Event('change'));
    }

    /** @returns {Promise<import('./types').World>} */
    async read() {
        const query = this.me ? `?user_id=${encodeURIComponent(this.me)}` : '';
        const answer = await fetch(`/sandbox/state${query}`);
        if (!answer.ok) throw new Error(`The sandbox answered ${answer.status}.`);
        return answer.json();
    }

    /** Makes sure that the selected guild and channel exist and are visible. */
    settle() {
        const guilds = this.guilds;
        if (this.guildId !== '@me' && !guilds.some((guild) => guild.id === this.guildId)) this.guildId = guilds[0]?.id ?? '@me';
        const channels = this.channels.filter((channel) => channel.type !== 4 && channel.type !== 2 && this.canSee(channel));
        if (!channels.some((channel) => channel.id === this.channelId)) this.channelId = channels[0]?.id ?? null;
        if (this.channelId) this.unread.delete(this.channelId);
        const query = new URLSearchParams(location.search);
        query.set('user', this.me);
        query.set('guild', this.guildId);
        if (this.channelId) query.set('channel', this.channelId);
        else query.delete('channel');
        history.replaceState(null, '', `?${query}`);
    }

    /** @param {{me?: string, guildId?: string, channelId?: string | null}} choice */
    choose({ me = this.me, guildId = this.guildId, channelId = this.channelId }) {
        const isOther = me !== this.me;
        Object.assign(this, { me, guildId, channelId });
        if (isOther) {
            this.unread.clear();
            this.load();
            return;
        }
        this.settle();
        this.dispatchEvent(new Event('change'));
    }

    // Actions. Each throws an Error with a sentence for the user when it fails.

    /**
     * @param {Message} message
     * @param {string} customId
     * @param {string[]} [values]
     */
    press(message, customId, values) {
        return this.post('press', { message_id: message.id, custom_id: customId, values });
    }

    /**
     * @param {string} name
     * @param {Record<string, unknown>} options
     */
    command(name, options) {
        return this.post('command', { channel_id: this.channelId, name, options });
    }

    /**
     * @param {string} name
     * @param {Record<string, unknown>} options
     * @param {string} focused
     */
    autocomplete(name, options, focused) {
        return this.post('autocomplete', { channel_id: this.channelId, name, options, focused });
    }

    /**
     * @param {string} interactionId
     * @param {Record<string, unknown>} values
     */
    submit(interactionId, values) {
        return this.post('submit', { interaction_id: interactionId, values });
    }

    /** @param {string} content */
    write(content) {
        return this.post('messages', { channel_id: this.channelId, content });
    }

    /** @param {Message} message */
    remove(message) {
        return this.post('delete', { message_id: message.id });
    }

    /** @param {string | null} channelId */
    voice(channelId) {
        return this.post('voice', { guild_id: this.guildId, channel_id: channelId });
    }

    /** @param {string} guildId */
    join(guildId) {
        return this.post('members', { guild_id: guildId, action: 'add' });
    }

    /**
     * @param {string} path
     * @param {object} body
     * @returns {Promise<import('./types').Outcome>}
     */
    async post(path, body) {
        const answer = await fetch(`/sandbox/${path}`, {
            method: 'POST', headers: { 'Content-Type': 'application/json' },
            body: JSON.stringify({ user_id: this.me, ...body }),
        });
        const json = await answer.json().catch(() => null);
        if (!answer.ok) throw new Error(json?.error?.message ?? `The sandbox answered ${answer.status}.`);
        return json;
    }
}
