/**
 * The types of the web API that the pages use.
 *
 * @typedef {object} Participant
 * @property {string} user_id
 * @property {string} display_name
 * @property {string} joined_at
 * @property {'confirmed' | 'waiting'} state
 *
 * @typedef {'scheduled' | 'in_progress' | 'completed' | 'cancelled'} Status
 *
 * @typedef {object} Game
 * @property {string} id
 * @property {string} guild_id
 * @property {string} channel_id
 * @property {string | null} message_id
 * @property {string} title
 * @property {string} description
 * @property {string} where
 * @property {string} scheduled_at RFC 3339, in UTC
 * @property {number} duration_minutes
 * @property {number} max_players
 * @property {string} signup_method
 * @property {Status} status
 * @property {{id: string, name: string}} host
 * @property {Participant[]} participants
 * @property {number} version
 *
 * @typedef {object} User
 * @property {string} id
 * @property {string} username
 * @property {string} display_name
 * @property {string | null} avatar_url
 *
 * @typedef {object} Guild
 * @property {string} id
 * @property {string} name
 * @property {string | null} icon_url
 * @property {boolean} is_owner
 * @property {boolean} can_manage
 * @property {boolean} bot_installed
 *
 * @typedef {{id: string, name: string, type: number}} Channel
 *
 * @typedef {object} SignedIn where somebody is signed in
 * @property {string} id
 * @property {string} browser in words; may be empty
 * @property {string} signed_in_at
 * @property {string} used_at
 * @property {boolean} is_current
 *
 * @typedef {object} GameDraft what a user fills in
 * @property {string} title
 * @property {string} description
 * @property {string} where
 * @property {string} scheduled_at
 * @property {number} duration_minutes
 * @property {number} max_players
 */
export {};
