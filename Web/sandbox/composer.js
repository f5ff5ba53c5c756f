// <chat-composer>: the message input; "/" lists the commands, and a selected command shows its options as fields.
import { h } from '../shared/dom.js';
import { fill } from './fill.js';

/** @typedef {import('./types').Option} Option */
/** @typedef {{name: string, description: string, options: Option[]}} Line */

/**
 * Every command and subcommand as one line.
 * @param {import('./types').Command[]} commands
 */
function flatten(commands) {
    /** @type {Line[]} */
    const lines = [];
    /** @type {(name: string, node: {description: string, options?: Option[]}) => void} */
    const walk = (name, node) => {
        const children = (node.options ?? []).filter((option) => option.type <= 2);
        if (children.length) for (const child of children) walk(`${name} ${child.name}`, child);
        else lines.push({ name, description: node.description, options: node.options ?? [] });
    };
    for (const command of commands) walk(command.name, command);
    return lines;
}

export class ChatComposer extends HTMLElement {
    /** @type {Line | null} */
    #chosen = null;
    /**
     * The command that is running: pressing twice runs it once.
     * @type {Line | null}
     */
    #running = null;
    #active = 0;
    /** @type {Line[]} */
    #offers = [];
    #typing = 0;
    /** @type {string | null} */
    #place = null;

    list = h('ul', { role: 'listbox', id: 'commands', 'aria-label': 'Commands', hidden: true });
    input = h('input', {
        type: 'text', id: 'composer-input', autocomplete: 'off', maxlength: 2000, role: 'combobox', 'aria-expanded': 'false',
        'aria-controls': 'commands', 'aria-autocomplete': 'list', oninput: () => this.offer(),
        onkeydown: (/** @type {KeyboardEvent} */ event) => this.keyed(event), onblur: () => setTimeout(() => this.close(), 150),
    });
    label = h('label', { for: 'composer-input', class: 'visually-hidden' });
    write = h('form', { class: 'write', onsubmit: (/** @type {Event} */ event) => this.sent(event) }, this.label, this.input,
        h('button', { type: 'submit', class: 'button primary' }, 'Send'));
    fields = h('form', { class: 'command', hidden: true, onsubmit: (/** @type {Event} */ event) => this.ran(event) });
    status = h('p', { class: 'status', role: 'status' });

    /** @param {import('./store.js').Store} store */
    constructor(store) {
        super();
        this.store = store;
    }

    connectedCallback() {
        this.append(this.list, this.write, this.fields, this.status);
    }

    update() {
        const { store } = this;
        const channel = store.channel;
        const mayWrite = channel !== null && store.canWrite(channel);
        const where = channel?.type === 1 ? 'this conversation' : `#${channel?.name ?? ''}`;
        this.input.disabled = !mayWrite;
        this.input.placeholder = mayWrite ? `Message ${where}, or / for commands` : 'You can’t write in this channel';
        this.label.textContent = `Message ${where}`;
        this.hidden = channel === null;
        if (this.#chosen && this.#place !== store.channelId) this.cancel();
        this.#place = store.channelId;
    }

    /** @param {unknown} text */
    say(text) {
        this.status.textContent = text instanceof Error ? text.message : String(text);
    }

    // Choosing a command

    offer() {
        const text = this.input.value;
        this.say('');
        if (!text.startsWith('/')) return this.close();
        const wanted = text.slice(1).toLowerCase();
        this.#offers = flatten(this.store.commands).filter((line) => line.name.startsWith(wanted)).slice(0, 12);
        this.#active = 0;
        this.show();
    }

    show() {
        fill(this.list, this.#offers.map((line, index) => h('li', {
            role: 'option', id: `command-${index}`, 'aria-selected': index === this.#active ? 'true' : 'false',
            onmousedown: (/** @type {Event} */ event) => {
                event.preventDefault();
                this.take(line);
            },
        }, h('strong', {}, `/${line.name}`), h('span', {}, line.description))));
        const isOpen = this.#offers.length > 0;
        this.list.hidden = !isOpen;
        this.input.setAttribute('aria-expanded', String(isOpen));
        if (isOpen) this.input.setAttribute('aria-activedescendant', `command-${this.#active}`);
        else {
            this.input.removeAttribute('aria-activedescendant');
            if (this.input.value.startsWith('/')) this.say('There is no such command here.');
        }
    }

    close() {
        this.#offers = [];
        this.list.hidden = true;
        this.input.setAttribute('aria-expanded', 'false');
        this.input.removeAttribute('aria-activedescendant');
    }

    /** @param {KeyboardEvent} event */
    keyed(event) {
        if (!this.#offers.length) return;
        const count = this.#offers.length;
        if (event.key === 'ArrowDown') this.#active = (this.#active + 1) % count;
        else if (event.key === 'ArrowUp') this.#active = (this.#active + count - 1) % count;
        else if (event.key === 'Escape') return this.close();
        else if (event.key === 'Enter' || event.key === 'Tab') {
            event.preventDefault();
            const line = this.#offers[this.#active];
            if (line) this.take(line);
            return;
        } else return;
        event.preventDefault();
        this.show();
    }

    /** @param {Line} line */
    take(line) {
        this.#chosen = line;
        this.close();
        this.input.value = '';
        const fields = line.options.map((option) => this.field(option));
        fill(this.fields, [
            h('p', { class: 'name' }, h('strong', {}, `/${line.name}`), ' ', line.description),
            h('div', { class: 'fields' }, ...fields),
            h('div', { class: 'actions' }, h('button', { type: 'submit', class: 'button primary' }, 'Run'),
                h('button', { type: 'button', class: 'button secondary', onclick: () => this.cancel(true) }, 'Cancel')),
        ]);
        this.fields.onkeydown = (event) => { if (event.key === 'Escape') this.cancel(true); };
        this.fields.setAttribute('aria-label', `Options of /${line.name}`);
        this.fields.hidden = false;
        this.write.hidden = true;
        const first = this.fields.querySelector('input, select, button');
        if (first instanceof HTMLElement) first.focus();
    }

    cancel(focus = false) {
        this.#chosen = null;
        this.fields.hidden = true;
        this.fields.replaceChildren();
        this.write.hidden = false;
        if (focus) this.input.focus();
    }

    // Options

    /** @param {Option} option */
    field(option) {
        const id = `option-${option.name}`;
        const shared = { id, name: option.name, required: option.required, 'aria-describedby': `${id}-help` };
        const { store } = this;
        /** @type {(pairs: (string | number)[][]) => HTMLElement} */
        const pick = (pairs) => h('select', shared, h('option', { value: '' }, option.required ? 'Choose…' : '—'),
            ...pairs.map(([value, label]) => h('option', { value }, String(label))));
        /** @type {HTMLElement} */
        let control;
        if (option.choices?.length) control = pick(option.choices.map((choice) => [choice.value, choice.name]));
        else if (option.type === 5) control = pick([['true', 'True'], ['false', 'False']]);
        else if (option.type === 6) control = pick(store.members.map((m) => [m.user_id, store.nameOf(m.user_id)]));
        else if (option.type === 7) control = pick(store.channels.filter((c) => store.canSee(c)
            && (!option.channel_types?.length || option.channel_types.includes(c.type))).map((c) => [c.id, c.name]));
        else if (option.type === 8) control = pick(store.world.roles.filter((r) => r.guild_id === store.guildId).map((r) => [r.id, r.name]));
        else if (option.type === 9) control = pick([
            ...store.members.map((m) => [m.user_id, store.nameOf(m.user_id)]),
            ...store.world.roles.filter((r) => r.guild_id === store.guildId).map((r) => [r.id, `@${r.name}`])]);
        else if (option.type === 4 || option.type === 10) control = h('input', {
            ...shared, type: 'number', step: option.type === 4 ? 1 : 'any', min: option.min_value, max: option.max_value,
        });
        else control = h('input', {
            ...shared, type: 'text', autocomplete: 'off', minlength: option.min_length, maxlength: option.max_length ?? 6000,
        });
        /** @type {HTMLElement[]} */
        const parts = [h('label', { for: id }, option.name, option.required ? h('span', { class: 'needed' }, ' required') : null), control];
        if (option.autocomplete) {
            const list = h('datalist', { id: `${id}-list` });
            control.setAttribute('list', `${id}-list`);
            control.addEventListener('input', () => {
                clearTimeout(this.#typing);
                this.#typing = window.setTimeout(() => this.complete(option.name, list), 150);
            });
            parts.push(list);
        }
        parts.push(h('span', { class: 'help', id: `${id}-help` }, option.description));
        return h('div', { class: 'field' }, ...parts);
    }

    /**
     * @param {string} name
     * @param {HTMLDataListElement} list
     */
    async complete(name, list) {
        const line = this.#chosen;
        if (!line) return;
        try {
            const outcome = await this.store.autocomplete(line.name, this.values({ [name]: '' }), name);
            if (line !== this.#chosen) return;
            const choices = outcome.response?.data?.choices ?? [];
            list.replaceChildren(...choices.map((choice) => h('option', { value: choice.value }, choice.name)));
        } catch (error) {
            this.say(error);
        }
    }

    /**
     * @param {Record<string, unknown>} given
     */
    values(given = {}) {
        const values = { ...given };
        for (const [name, value] of new FormData(this.fields)) if (value !== '') values[name] = value;
        return values;
    }

    /** @param {Event} event */
    async ran(event) {
        event.preventDefault();
        const line = this.#chosen;
        if (!line || this.#running === line) return;
        this.#running = line;
        this.say(`Running /${line.name}…`);
        const values = this.values();
        try {
            const outcome = await this.store.command(line.name, values);
            this.say(outcome.status === 'timed_out' ? 'The application did not respond in time.' : '');
            if (outcome.status !== 'timed_out' && this.#chosen === line) this.cancel(true);
        } catch (error) {
            this.say(error);
        } finally {
            if (this.#running === line) this.#running = null;
        }
    }

    /** @param {Event} event */
    async sent(event) {
        event.preventDefault();
        const text = this.input.value.trim();
        if (!text) return;
        if (text.startsWith('/')) {
            const exact = flatten(this.store.commands).find((line) => `/${line.name}` === text);
            return exact ? this.take(exact) : this.say('There is no such command here.');
        }
        this.input.value = '';
        try {
            await this.store.write(text);
        } catch (error) {
            if (this.input.value === '') this.input.value = text;
            this.say(error);
        }
    }
}

customElements.define('chat-composer', ChatComposer);
