/**
 * Tandem's client for browsers and Node: live streams that resume, requests, and optimistic commands.
 *
 * ```js
 * const client = createClient({ url: '/' });
 * const games = client.subscribe('api/v1/sse/game-updates', { getState: () => client.request('api/v1/games') });
 * games.on('sync', ({ detail }) => show(detail.state));
 * games.on('event', ({ detail }) => refresh(detail.data.game_id));
 * client.connect();
 * ```
 */
export { Backoff } from './backoff.js';
export { Client, createClient } from './client.js';
export { ServerClock } from './clock.js';
export { Collection } from './collection.js';
export { ConnectionMachine } from './connection.js';
export { RequestError } from './request.js';
export { SSEParser } from './sse-parser.js';
export { Subscription } from './subscription.js';
