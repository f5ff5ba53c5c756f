import { button, h, setText } from '../../shared/dom.js';
import { session } from '../app.js';
import { api, isTransient, onceLive } from '../server.js';
import { hint } from './game-form.js';

/** How long to wait before asking a busy server for the channels again, in milliseconds. */
const retryDelay = 5000;

/** The server and channel in which a new game is announced. */
export class PlacePicker {
    #guild = h('select', { id: 'guild_id', name: 'guild_id', required: true });
    #channel = h('select', { id: 'channel_id', name: 'channel_id', required: true });
    #hint = hint('channel_id');
    #asked = 0;
    #failed = false;
    #forget = () => {};

    /**
     * @param {import('./game-form.js').GameForm} form
     * @param {{guild_id: string, channel_id?: string}} wanted the initial choice, if available
     * @param {AbortSignal} signal
     */
    constructor(form, wanted, signal) {
        this.signal = signal;
        this.wanted = wanted;
        const guilds = session.playable;
        this.#guild.append(...guilds.map((guild) => h('option', { value: guild.id }, guild.name)));
        if (guilds.some((guild) => guild.id === wanted.guild_id)) this.#guild.value = wanted.guild_id;
        this.#guild.addEventListener('change', () => this.#loadChannels());
        form.top.append(h('div', { class: 'row' },
            form.field('guild_id', 'Server', this.#guild),
            form.field('channel_id', 'Channel', this.#channel, [], this.#hint)));
        this.#loadChannels();
    }

    read() {
        return { guild_id: this.#guild.value, channel_id: this.#channel.value };
    }

    /** @returns {[import('./game-form.js').FieldName, string][]} */
    faults() {
        if (this.#channel.value !== '') return [];
        const fault = this.#failed ? 'No game can be planned until the channels have loaded.' : 'Choose the channel to announce it in.';
        return [['channel_id', fault]];
    }

    async #loadChannels() {
        const asked = ++this.#asked;
        this.#forget();
        this.#failed = false;
        this.#channel.replaceChildren(h('option', { value: '' }, 'Loading…'));
        this.#hint.textContent = '';
        try {
            const { channels } = await api.channels(this.#guild.value, this.signal);
            if (asked !== this.#asked) return;
            const options = channels.map((channel) => h('option', { value: channel.id }, `# ${channel.name}`));
            this.#channel.replaceChildren(...options);
            // A channel for games is the likely choice.
            const wanted = channels.find((channel) => channel.id === this.wanted.channel_id);
            const likely = wanted ?? channels.find((channel) => /game/i.test(channel.name));
            if (likely) this.#channel.value = likely.id;
            if (channels.length === 0) setText(this.#hint, 'Tandem isn’t allowed to post in this server. Ask an admin to change that.');
            this.#channel.dispatchEvent(new Event('input', { bubbles: true }));
        } catch (error) {
            if (asked !== this.#asked || this.signal.aborted) return;
            this.#channel.replaceChildren(h('option', { value: '' }, 'Not available'));
            const again = button('Try again', () => this.#loadChannels(), { class: 'quiet' });
            this.#hint.replaceChildren('The channels didn’t load. ', again);
            this.#failed = true;
            const forget = onceLive(() => this.#loadChannels(), this.signal);
            const retry = () => !this.#hint.contains(document.activeElement) && this.#loadChannels();
            const timer = isTransient(error) ? setTimeout(retry, retryDelay) : undefined;
            this.#forget = () => {
                clearTimeout(timer);
                forget();
            };
        }
    }
}
