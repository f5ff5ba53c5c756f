// What the sandbox sends to its chat page: Discord's objects, as far as the page uses them.

export interface User { id: string; username: string; global_name: string | null; bot?: boolean }
export interface Role { id: string; guild_id: string; name: string; color: number; position: number; hoist: boolean }
export interface Member { guild_id: string; user_id: string; nick: string | null; roles: string[]; user: User }
export interface Guild { id: string; name: string; owner_id: string; application_ids: string[] }
export interface VoiceState { user_id: string; channel_id: string }

export interface Channel {
    id: string;
    type: number;
    guild_id: string | null;
    name: string;
    topic?: string | null;
    parent_id?: string | null;
    user_limit?: number;
    recipients?: User[];
    viewer_permissions?: string;
}

export interface Embed {
    title?: string;
    description?: string;
    url?: string;
    color?: number;
    timestamp?: string;
    author?: { name: string };
    footer?: { text: string };
    image?: { url: string };
    fields?: { name: string; value: string; inline: boolean }[];
}

export interface Choice { label: string; value: string; default?: boolean }

export interface Component {
    type: number;
    style?: number;
    label?: string;
    description?: string;
    custom_id?: string;
    url?: string;
    emoji?: { id?: string | null; name: string };
    disabled?: boolean;
    placeholder?: string;
    options?: Choice[];
    components?: Component[];
    component?: Component;
    accessory?: Component;
    content?: string;
    accent_color?: number | null;
    required?: boolean;
    value?: string;
    min_length?: number;
    max_length?: number;
}

export interface Message {
    id: string;
    channel_id: string;
    author: User;
    content: string;
    timestamp: string;
    edited_timestamp: string | null;
    flags: number;
    embeds: Embed[];
    components: Component[];
    reactions?: { emoji: { name: string }; count: number }[];
    interaction_metadata?: { name?: string; user: User };
    message_reference?: object;
    referenced_message?: Message | null;
    visible_to: string | null;
}

export interface Option {
    type: number;
    name: string;
    description: string;
    required?: boolean;
    autocomplete?: boolean;
    choices?: { name: string; value: string | number }[];
    options?: Option[];
    channel_types?: number[];
    min_value?: number;
    max_value?: number;
    min_length?: number;
    max_length?: number;
}

export interface Command {
    id: string;
    type: number;
    name: string;
    description: string;
    application_id: string;
    guild_id?: string;
    options?: Option[];
}

export interface World {
    viewer_id?: string;
    users: User[];
    guilds: Guild[];
    roles: Role[];
    members: Member[];
    channels: Channel[];
    messages: Message[];
    voice_states: VoiceState[];
    commands: Command[];
}

export interface Form { title: string; custom_id: string; components: Component[] }

/** The outcome of an interaction. */
export interface Outcome {
    status?: string;
    response?: { type: number; data?: { choices?: { name: string; value: string | number }[] } } | null;
}

export interface FormRequest { id: string; user_id: string; response: { type: number; data: Form } }
