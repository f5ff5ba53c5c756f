import { LiveGames } from './games/live-games.js';
import { Session } from './session.js';

/** The one session and the one set of live games of this page. */
export const session = new Session();
export const live = new LiveGames(session);
