import { LiveGames } from './games/live-games.js';
import { Session } from './session.js';

/** This page's session and live games. */
export const session = new Session();
export const live = new LiveGames(session);
