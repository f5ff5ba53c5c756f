const VIEW_CHANNEL = 1n << 10n;
const SEND_MESSAGES = 1n << 11n;

/** @typedef {import('./types').Channel} Channel */
/** @typedef {import('./types').Message} Message */

/** The sandbox's world as one user sees it, and what that user has selected: queries only. */
export class WorldView extends EventTarget {
    constructor() {
        super();
        const query = new URLSearchParams(location.search);
        /** @type {import('./types').World} */
        this.world = { users: [], guilds: [], roles: [], members: [], channels: [], messages: [], voice_states: [], commands: [] };
        this.isLoaded = false;
        this.me = query.get('user') ?? '';
        this.guildId = query.get('guild') ?? '';
        /** @type {string | null} */
        this.channelId = query.get('channel');
        /** @type {Map<string, Message>} */
        this.messages = new Map();
        /**
         * Channels with messages that arrived while another channel was shown.
         * @type {Set<string>}
         */
        this.unread = new Set();
    }

    get people() {
        return this.world.users.filter((user) => !user.bot);
    }

    get guilds() {
        return this.world.guilds.filter((guild) => this.member(this.me, guild.id));
    }

    get guild() {
        return this.world.guilds.find((guild) => guild.id === this.guildId) ?? null;
    }

    get channels() {
        if (this.guildId === '@me') {
            return this.world.channels.filter((channel) => channel.type === 1 && channel.recipients?.some((user) => user.id === this.me));
        }
        return this.world.channels.filter((channel) => channel.guild_id === this.guildId);
    }

    get channel() {
        return this.world.channels.find((channel) => channel.id === this.channelId) ?? null;
    }

    get channelMessages() {
        return [...this.messages.values()].filter((message) => this.shows(message))
            .sort((a, b) => (BigInt(a.id) < BigInt(b.id) ? -1 : 1));
    }

    get members() {
        return this.world.members.filter((member) => member.guild_id === this.guildId);
    }

    get commands() {
        const installed = new Set(this.guild?.application_ids ?? []);
        return this.world.commands.filter((command) => command.type === 1
            && (command.guild_id === undefined || command.guild_id === this.guildId)
            && (this.guildId === '@me' || installed.has(command.application_id)));
    }

    /** @param {Message} message */
    shows(message) {
        return message.channel_id === this.channelId && (message.visible_to === null || message.visible_to === this.me);
    }

    /** @param {Channel} channel */
    canSee(channel) {
        return (BigInt(channel.viewer_permissions ?? 0) & VIEW_CHANNEL) !== 0n;
    }

    /** @param {Channel} channel */
    canWrite(channel) {
        return (BigInt(channel.viewer_permissions ?? 0) & SEND_MESSAGES) !== 0n;
    }

    /** @param {string} id */
    user(id) {
        return this.world.users.find((user) => user.id === id) ?? null;
    }

    /** @param {string} id */
    member(id, guildId = this.guildId) {
        return this.world.members.find((member) => member.user_id === id && member.guild_id === guildId) ?? null;
    }

    /** @param {string} id */
    role(id) {
        return this.world.roles.find((role) => role.id === id) ?? null;
    }

    /** @param {string} id */
    nameOf(id) {
        const user = this.user(id);
        return this.member(id)?.nick ?? user?.global_name ?? user?.username ?? 'Somebody';
    }

    /**
     * The highest of a member's roles that is shown separately in the list.
     * @param {string} id
     */
    rank(id) {
        const roles = (this.member(id)?.roles ?? []).flatMap((role) => this.role(role) ?? []);
        return roles.filter((role) => role.hoist).sort((a, b) => b.position - a.position)[0] ?? null;
    }

    /** @param {string} channelId */
    voiceOf(channelId) {
        return this.world.voice_states.filter((state) => state.channel_id === channelId);
    }

    /** @param {Channel} channel */
    isUnread(channel) {
        return this.unread.has(channel.id) && this.canSee(channel);
    }

    /** @param {string} guildId */
    hasUnread(guildId) {
        return this.world.channels.some((channel) => channel.guild_id === guildId && this.isUnread(channel));
    }
}
