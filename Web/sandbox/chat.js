// <sandbox-chat>: the whole page.
import { avatar } from '../shared/avatar.js';
import { h, icon } from '../shared/dom.js';
import { everySecond } from '../shared/ticker.js';
import { ChatComposer } from './composer.js';
import { fill } from './fill.js';
import { ChatForm } from './form.js';
import { refreshTimes } from './markdown.js';
import { ChatMessage } from './message.js';
import { Store } from './store.js';

class SandboxChat extends HTMLElement {
    store = new Store();
    isAtEnd = true;
    warning = 0;
    /** The selectable names, as last drawn. */
    people = '';

    rail = h('nav', { class: 'rail', 'aria-label': 'Servers' });
    heading = h('h2');
    channels = h('nav', { class: 'channels', 'aria-label': 'Channels' });
    person = h('select', {
        id: 'person', onchange: (/** @type {{target: HTMLSelectElement}} */ event) => this.store.choose({ me: event.target.value }),
    });
    portrait = h('span');
    side = h('aside', { class: 'side', 'aria-label': 'Server', id: 'side' }, h('header', {}, this.heading), this.channels,
        h('div', { class: 'person' }, this.portrait, h('div', {}, h('label', { for: 'person' }, 'You are'), this.person)));
    place = h('h1');
    topic = h('p', { class: 'topic' });
    menuName = h('span', { class: 'visually-hidden' }, 'Servers and channels');
    menuButton = h('button', {
        type: 'button', class: 'toggle menu-toggle', 'aria-expanded': 'false', 'aria-controls': 'side',
        onclick: () => this.toggle('side-open', this.menuButton),
    }, h('span', { 'aria-hidden': 'true' }, '☰'), this.menuName);
    membersButton = h('button', {
        type: 'button', class: 'toggle members-toggle', 'aria-expanded': 'false', 'aria-controls': 'members',
        onclick: () => this.toggle('members-open', this.membersButton),
    }, 'Members');
    log = h('div', {
        class: 'log', role: 'log', 'aria-label': 'Messages', tabindex: '0', onscroll: () => {
            this.isAtEnd = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 80;
        },
    });
    empty = h('div', { class: 'empty', hidden: true });
    connection = h('p', { class: 'connection', role: 'status' });
    members = h('aside', { class: 'members', 'aria-label': 'Members', id: 'members' });
    composer = new ChatComposer(this.store);
    form = new ChatForm(this.store);

    connectedCallback() {
        const { store } = this;
        this.append(this.rail, this.side,
            h('main', {}, h('header', {}, this.menuButton, h('div', { class: 'where' }, this.place, this.topic), this.membersButton),
                this.connection, this.log, this.empty, this.composer),
            this.members, this.form);
        // Keeps the newest message visible when the composer grows.
        new ResizeObserver(() => {
            if (this.isAtEnd) this.log.scrollTop = this.log.scrollHeight;
        }).observe(this.log);
        store.addEventListener('change', () => this.update());
        store.addEventListener('message', () => this.updateMessages());
        store.addEventListener('gone', () => this.updateMessages());
        store.addEventListener('form', (event) => {
            const request = /** @type {CustomEvent<import('./types').FormRequest>} */ (event).detail;
            this.form.ask(request.id, request.response.data);
        });
        store.connect();
        everySecond(refreshTimes);
    }

    /**
     * @param {string} name
     * @param {HTMLElement} button
     */
    toggle(name, button) {
        const isOpen = this.classList.toggle(name);
        button.setAttribute('aria-expanded', String(isOpen));
    }

    update() {
        const { store } = this;
        if (!store.isLoaded) return;
        clearTimeout(this.warning);
        if (store.connected) this.connection.textContent = '';
        else this.warning = window.setTimeout(() => { this.connection.textContent = 'Connection lost: trying again…'; }, 1500);
        const hasUnread = store.world.channels.some((channel) => store.isUnread(channel));
        this.menuButton.classList.toggle('unread', hasUnread);
        this.menuName.textContent = hasUnread ? 'Servers and channels, unread' : 'Servers and channels';
        this.updateRail();
        this.updateChannels();
        this.updatePerson();
        this.updateMembers();
        const { channel } = store;
        const name = channel ? this.nameOf(channel) : '';
        this.place.textContent = channel ? (channel.type === 1 ? `@ ${name}` : `# ${name}`) : 'No channel';
        this.topic.textContent = channel?.topic ?? '';
        document.title = `${channel ? `${this.place.textContent} · ` : ''}Discord sandbox`;
        this.composer.update();
        this.updateEmpty();
        this.updateMessages();
    }

    /** @param {import('./types').Channel} channel */
    nameOf(channel) {
        if (channel.type !== 1) return channel.name;
        const others = (channel.recipients ?? []).filter((user) => user.id !== this.store.me);
        return others.map((user) => this.store.nameOf(user.id)).join(', ');
    }

    updateRail() {
        const { store } = this;
        /** @type {(id: string, name: string, icon: Element) => HTMLElement} */
        const entry = (id, name, icon) => h('button', {
            type: 'button', 'data-key': `guild-${id}`, 'aria-current': store.guildId === id ? 'true' : null, title: name,
            onclick: () => {
                store.choose({ guildId: id, channelId: null });
            },
            class: store.hasUnread(id) ? 'unread' : null,
        }, icon, h('span', { class: 'visually-hidden' }, store.hasUnread(id) ? `${name}, unread` : name));
        fill(this.rail, [
            entry('@me', 'Direct messages', h('span', { class: 'avatar direct' }, icon('envelope', 22))),
            ...store.guilds.map((guild) => entry(guild.id, guild.name, avatar(guild))),
        ]);
    }

    updateChannels() {
        const { store } = this;
        this.heading.textContent = store.guild?.name ?? 'Direct messages';
        const seen = store.channels.filter((channel) => channel.type === 4 || store.canSee(channel));
        const tops = seen.filter((channel) => channel.type !== 4 && !seen.some((c) => c.type === 4 && c.id === channel.parent_id));
        /** @type {[import('./types').Channel | null, import('./types').Channel[]][]} */
        const groups = [[null, tops], ...seen.filter((channel) => channel.type === 4)
            .map((category) => /** @type {[typeof category, typeof seen]} */ ([category, seen.filter((channel) => channel.parent_id === category.id)]))];
        /** @type {HTMLElement[]} */
        const nodes = [];
        for (const [category, channels] of groups) {
            if (!channels.length) continue;
            const id = category ? `category-${category.id}` : null;
            if (category) nodes.push(h('h2', { id }, category.name));
            nodes.push(h('ul', { 'aria-labelledby': id, 'aria-label': id ? null : 'Channels' }, ...channels.map((c) => this.channelItem(c))));
        }
        if (!nodes.length) nodes.push(h('p', { class: 'hint' }, 'Nothing here yet.'));
        fill(this.channels, nodes);
    }

    /** @param {import('./types').Channel} channel */
    channelItem(channel) {
        const { store } = this;
        if (channel.type === 2 || channel.type === 13) return this.voiceItem(channel);
        const isUnread = store.isUnread(channel);
        return h('li', {}, h('button', {
            type: 'button', 'data-key': `channel-${channel.id}`, 'aria-current': store.channelId === channel.id ? 'page' : null,
            class: isUnread ? 'unread' : null,
            onclick: () => {
                this.classList.remove('side-open');
                this.menuButton.setAttribute('aria-expanded', 'false');
                store.choose({ channelId: channel.id });
            },
        }, h('span', { class: 'sign', 'aria-hidden': 'true' }, channel.type === 1 ? '@' : '#'), this.nameOf(channel),
        isUnread && h('span', { class: 'visually-hidden' }, ', unread')));
    }

    /** @param {import('./types').Channel} channel */
    voiceItem(channel) {
        const { store } = this;
        const inside = store.voiceOf(channel.id);
        const isIn = inside.some((state) => state.user_id === store.me);
        const count = channel.user_limit ? `${inside.length}/${channel.user_limit}` : '';
        return h('li', { class: 'voice' }, h('button', {
            type: 'button', 'data-key': `voice-${channel.id}`, class: isIn ? 'in' : '',
            'aria-label': `${isIn ? 'Leave' : 'Join'} voice channel ${channel.name}, ${inside.length} inside`,
            onclick: () => this.enter(isIn ? null : channel.id),
        }, h('span', { class: 'sign' }, icon('speaker', 18)), channel.name,
        h('span', { class: 'count', 'aria-hidden': 'true' }, isIn ? 'Leave' : count)),
        inside.length ? h('ul', { 'aria-label': `In ${channel.name}` }, ...inside.map((state) => h('li', {},
            avatar({ id: state.user_id, name: store.nameOf(state.user_id) }), store.nameOf(state.user_id)))) : null);
    }

    /** @param {string | null} channelId */
    async enter(channelId) {
        try {
            await this.store.voice(channelId);
        } catch (error) {
            this.composer.say(error);
        }
    }

    updatePerson() {
        const { store } = this;
        const names = store.people.map((user) => [user.id, user.global_name ?? user.username]);
        // Redrawing would close an open list.
        const written = JSON.stringify(names);
        if (this.people !== written) fill(this.person, names.map(([value, name]) => h('option', { value }, name ?? '')));
        this.people = written;
        if (this.person.value !== store.me) this.person.value = store.me;
        this.portrait.replaceChildren(avatar({ id: store.me, name: store.nameOf(store.me) }));
    }

    updateMembers() {
        const { store } = this;
        this.membersButton.hidden = !store.guild;
        this.members.hidden = !store.guild;
        /** @type {Map<string, {position: number, list: import('./types').Member[]}>} */
        const groups = new Map();
        for (const member of store.members) {
            const rank = store.rank(member.user_id);
            const key = member.user.bot ? 'Applications' : rank?.name ?? 'Members';
            const position = member.user.bot ? -1 : rank?.position ?? 0;
            const group = groups.get(key) ?? { position, list: [] };
            group.list.push(member);
            groups.set(key, group);
        }
        /** @type {HTMLElement[]} */
        const nodes = [];
        for (const [name, group] of [...groups].sort((a, b) => b[1].position - a[1].position)) {
            const id = `rank-${name.replace(/\W+/g, '-')}`;
            nodes.push(h('h2', { id }, `${name} — ${group.list.length}`));
            nodes.push(h('ul', { 'aria-labelledby': id }, ...group.list.map((member) => {
                const label = store.nameOf(member.user_id);
                const text = h('span', { class: 'author' }, label);
                const rank = store.rank(member.user_id);
                if (rank?.color) text.style.setProperty('--role', `#${rank.color.toString(16).padStart(6, '0')}`);
                return h('li', {}, avatar({ id: member.user_id, name: label }), text, member.user.bot && h('span', { class: 'tag' }, 'APP'),
                    store.guild?.owner_id === member.user_id && h('span', { class: 'owner', title: 'Owner' },
                        icon('crown', 14), h('span', { class: 'visually-hidden' }, 'Owner')));
            })));
        }
        fill(this.members, nodes);
    }

    updateEmpty() {
        const { store } = this;
        const isHome = store.guildId === '@me' && !store.channel;
        this.empty.hidden = !isHome;
        this.log.hidden = isHome;
        if (!isHome) return;
        const others = store.world.guilds.filter((guild) => !store.member(store.me, guild.id));
        fill(this.empty, [
            h('h2', {}, store.guilds.length ? 'No direct messages' : `${store.nameOf(store.me)} isn’t in any server`),
            h('p', {}, 'Choose another person below, or join a server as this one:'),
            h('div', { class: 'row' }, ...others.map((guild) => h('button', {
                type: 'button', class: 'button primary', 'data-key': `join-${guild.id}`,
                onclick: () => store.join(guild.id).catch((error) => this.composer.say(error)),
            }, `Join ${guild.name}`))),
        ]);
    }

    /** Updates the list of messages, reusing the elements of messages that remain. */
    updateMessages() {
        const { store, log } = this;
        if (!store.isLoaded) return;
        const atEnd = this.isAtEnd;
        const moved = log.dataset.channel !== `${store.me} ${store.channelId}`;
        log.dataset.channel = `${store.me} ${store.channelId}`;
        const shown = /** @type {ChatMessage[]} */ ([...log.children]);
        const known = new Map(shown.map((element) => [element.message.id, element]));
        /** @type {ChatMessage | null} */
        let previous = null;
        for (const message of store.channelMessages) {
            const element = known.get(message.id) ?? new ChatMessage(store, message);
            known.delete(message.id);
            /** @type {ChildNode | null} */
            const place = previous ? previous.nextSibling : log.firstChild;
            if (element !== place) log.insertBefore(element, place);
            /** @type {import('./types').Message | undefined} */
            const first = previous?.message;
            element.classList.toggle('follows', Boolean(first && first.author.id === message.author.id
                && !message.interaction_metadata?.name && Date.parse(message.timestamp) - Date.parse(first.timestamp) < 300_000));
            element.show(message);
            previous = element;
        }
        for (const element of known.values()) element.remove();
        if (moved || atEnd) log.scrollTop = log.scrollHeight;
        this.isAtEnd = moved || atEnd;
    }
}

customElements.define('sandbox-chat', SandboxChat);
