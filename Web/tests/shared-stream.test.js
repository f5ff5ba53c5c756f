import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RecentEvents } from '../sdk/recent-events.js';
import { SharedStream } from '../sdk/shared-stream.js';

const ready = (/** @type {number} */ n, resumed = false) => ({ type: 'ready', id: `e-${n}`, data: JSON.stringify({ resumed }) });
const event = (/** @type {number} */ n) => ({ type: 'message', id: `e-${n}`, data: String(n) });
const network = /** @type {const} */ ({ reason: 'network' });

/** A server with a log, a lock, and tabs that receive each other’s messages: everything around the machines, without time. */
class Browser {
    now = 1000;
    log = 0;
    /** @type {Tab[]} */
    tabs = [];
    /** @type {Tab | null} */
    holder = null;
    /** @type {Tab[]} */
    queue = [];

    /** @param {string} id @param {string | null} [cursor] */
    open(id, cursor = null) {
        const tab = new Tab(this, id, cursor);
        this.tabs.push(tab);
        tab.feed((stream) => stream.start(this.now));
        this.settle();
        return tab;
    }

    /** Delivers everything that is in transit. */
    settle() {
        for (let busy = true; busy; ) {
            busy = false;
            for (const tab of this.tabs) {
                const message = tab.isFrozen ? undefined : tab.inbox.shift();
                if (!message) continue;
                busy = true;
                tab.feed(message);
            }
            if (this.holder === null && this.queue.length > 0) {
                busy = true;
                this.grant(/** @type {Tab} */ (this.queue.shift()));
            }
        }
    }

    /** @param {Tab} tab */
    grant(tab) {
        this.holder = tab;
        tab.inbox.push((stream) => stream.lockGranted(this.now));
    }

    /** Something happens: every connection delivers it. */
    happen() {
        this.log += 1;
        for (const tab of this.tabs) if (tab.isConnected) tab.say(event(this.log));
    }

    /** @param {number} ms */
    pass(ms) {
        this.now += ms;
        for (const tab of this.tabs) if (!tab.isFrozen) tab.feed((stream) => stream.timerFired(this.now));
        this.settle();
    }

    /** The tab is gone with everything that it had. @param {Tab} tab */
    crash(tab) {
        this.tabs = this.tabs.filter((each) => each !== tab);
        this.queue = this.queue.filter((each) => each !== tab);
        if (this.holder === tab) this.holder = null;
    }

    get connections() {
        return this.tabs.filter((tab) => tab.isConnected).length;
    }
}

class Tab {
    /** @type {((stream: SharedStream) => import('../sdk/shared-stream.js').TabAction[])[]} */
    inbox = [];
    /** @type {any[]} */
    told = [];
    isConnected = false;
    isFrozen = false;

    /** @param {Browser} browser @param {string} id @param {string | null} cursor */
    constructor(browser, id, cursor) {
        this.browser = browser;
        this.stream = new SharedStream({ id, cursor, random: () => 0 });
    }

    /** @param {any} streamEvent */
    say(streamEvent) {
        this.inbox.push((stream) => (this.isConnected ? stream.streamReceived(streamEvent) : []));
    }

    /** @param {(stream: SharedStream) => import('../sdk/shared-stream.js').TabAction[]} input */
    feed(input) {
        const { browser } = this;
        for (const action of input(this.stream)) {
            if (action.do === 'lock') browser.queue.push(this);
            else if (action.do === 'steal') {
                const robbed = browser.holder === this ? null : browser.holder;
                browser.queue = browser.queue.filter((each) => each !== this);
                browser.grant(this);
                robbed?.inbox.push((stream) => stream.lockLost(browser.now));
            } else if (action.do === 'unlock') {
                browser.queue = browser.queue.filter((each) => each !== this);
                if (browser.holder === this) browser.holder = null;
            } else if (action.do === 'open') {
                this.isConnected = true;
                const isForeign = action.cursor !== null && !action.cursor.startsWith('e-');
                const isFresh = action.cursor === null || isForeign;
                const position = isFresh ? browser.log : Number(action.cursor?.slice(2));
                this.say(ready(position, position < browser.log));
                if (isForeign) this.say({ type: 'reset', id: `e-${position}`, data: '{}' });
                for (let n = position + 1; n <= browser.log; n++) this.say(event(n));
            } else if (action.do === 'close') this.isConnected = false;
            else if (action.do === 'post') {
                for (const tab of browser.tabs) {
                    if (tab !== this) tab.inbox.push((stream) => stream.received(structuredClone(action.message), browser.now));
                }
            } else if (action.do === 'event') this.told.push(action.event);
            else this.told.push({ type: 'failed', ...action.failure });
        }
    }

    get numbers() {
        return this.told.filter((each) => each.type === 'message').map((each) => Number(each.data));
    }

    get types() {
        return this.told.map((each) => each.type);
    }
}

test('one tab connects and all others follow', () => {
    const browser = new Browser();
    const tabs = ['a', 'b', 'c'].map((id) => browser.open(id));
    browser.happen();
    browser.settle();
    assert.equal(browser.connections, 1);
    for (const tab of tabs) assert.deepEqual(tab.types, ['ready', 'message']);
});

test('a tab that joins late is ready at once, from the position of the leader', () => {
    const browser = new Browser();
    browser.open('a');
    browser.happen();
    browser.settle();
    const late = browser.open('b');
    assert.deepEqual(late.told.map(({ type, id }) => [type, id]), [['ready', 'e-1']]);
    browser.happen();
    browser.settle();
    assert.deepEqual(late.numbers, [2]);
});

test('a tab that comes back gets what it missed', () => {
    const browser = new Browser();
    browser.open('a');
    for (let n = 0; n < 5; n++) browser.happen();
    browser.settle();
    const back = browser.open('b', 'e-3');
    assert.deepEqual(back.numbers, [4, 5]);
    assert.equal(JSON.parse(back.told[0].data).resumed, true);
});

test('a tab that comes back from before the leader’s memory asks the server', () => {
    const browser = new Browser();
    browser.log = 5;
    const first = browser.open('a');
    browser.happen();
    browser.settle();
    const back = browser.open('b', 'e-3');
    assert.equal(back.stream.role, 'leading');
    assert.deepEqual(back.numbers, [4, 5, 6]);
    browser.happen();
    browser.settle();
    assert.deepEqual(first.numbers, [6, 7]);
    assert.equal(browser.connections, 1);
});

test('a tab that comes back to another log learns so from the server', () => {
    const browser = new Browser();
    browser.log = 5;
    const first = browser.open('a');
    const back = browser.open('b', 'x-3');
    assert.deepEqual(back.types, ['ready', 'reset']);
    browser.happen();
    browser.settle();
    assert.deepEqual([first.numbers, back.numbers], [[6], [6]]);
    assert.equal(browser.connections, 1);
});

test('the next leader continues where the closed one stopped', () => {
    const browser = new Browser();
    const [a, b, c] = ['a', 'b', 'c'].map((id) => browser.open(id));
    browser.happen();
    browser.settle();
    browser.crash(/** @type {Tab} */ (a));
    browser.happen();
    browser.happen();
    browser.settle();
    browser.happen();
    browser.settle();
    for (const tab of [b, c]) {
        assert.deepEqual(tab?.numbers, [1, 2, 3, 4]);
        assert.equal(tab?.types.filter((type) => type === 'ready').length, 1);
    }
    assert.equal(browser.connections, 1);
});

test('a frozen leader is noticed, replaced, and follows when it is back', () => {
    const browser = new Browser();
    const [a, b] = ['a', 'b'].map((id) => browser.open(id));
    browser.happen();
    browser.settle();
    if (a) a.isFrozen = true;
    browser.happen();
    browser.pass(9000);
    assert.equal(b?.stream.role, 'following');
    browser.pass(2000);
    browser.pass(3000);
    assert.equal(b?.stream.role, 'leading');
    assert.deepEqual(b?.numbers, [1, 2]);
    if (a) a.isFrozen = false;
    browser.happen();
    browser.settle();
    assert.equal(a?.stream.role, 'following');
    assert.deepEqual(a?.numbers, [1, 2, 3]);
    assert.deepEqual(b?.numbers, [1, 2, 3]);
    assert.equal(browser.connections, 1);
});

test('a leader that is merely silent is left alone', () => {
    const browser = new Browser();
    const [a, b] = ['a', 'b'].map((id) => browser.open(id));
    for (let n = 0; n < 20; n++) browser.pass(4000);
    assert.equal(a?.stream.role, 'leading');
    assert.equal(b?.stream.role, 'following');
});

test('a failure reaches every tab and ends its part', () => {
    const browser = new Browser();
    const [a, b] = ['a', 'b'].map((id) => browser.open(id));
    a?.feed((stream) => stream.streamFailed({ reason: 'http', status: 503, retryAfter: 1000 }));
    browser.settle();
    for (const tab of [a, b]) {
        assert.deepEqual(tab?.told.at(-1), { type: 'failed', reason: 'http', status: 503, retryAfter: 1000 });
        assert.equal(tab?.stream.role, 'over');
    }
    assert.equal(browser.connections, 0);
    assert.equal(browser.holder, null);
});

test('the lock is kept for a moment when the stream was ended, and released at once when the tab closes', () => {
    const leader = () => {
        const stream = new SharedStream({ id: 'a', cursor: null, random: () => 0 });
        stream.start(0);
        stream.lockGranted(1);
        stream.streamReceived(ready(1));
        return stream;
    };
    const ended = leader();
    ended.streamReceived({ type: 'bye', id: '', data: '{}' });
    assert.deepEqual(ended.close().at(-1), { do: 'unlock', linger: true });
    assert.deepEqual(leader().close().at(-1), { do: 'unlock', linger: false });
});

test('signing out anywhere ends it everywhere', () => {
    const browser = new Browser();
    const [a, b] = ['a', 'b'].map((id) => browser.open(id));
    const message = /** @type {const} */ ({ kind: 'failed', from: '', term: 0, failure: { reason: 'http', status: 401 } });
    for (const tab of [a, b]) tab?.feed((stream) => stream.received(message, 2000));
    browser.settle();
    for (const tab of [a, b]) assert.equal(tab?.told.at(-1).status, 401);
    assert.equal(browser.connections, 0);
});

test('a connection that is taken over but doesn’t open is abandoned', () => {
    const stream = new SharedStream({ id: 'b', cursor: 'e-1', random: () => 0 });
    stream.start(0);
    stream.lockGranted(10);
    assert.deepEqual(stream.timerFired(15_010).at(-1), { do: 'failed', failure: network });
});

test('a reset reaches every tab', () => {
    const browser = new Browser();
    const [a, b] = ['a', 'b'].map((id) => browser.open(id));
    a?.say({ type: 'reset', id: 'f-9', data: '{}' });
    browser.settle();
    assert.equal(b?.types.at(-1), 'reset');
    assert.equal(b?.stream.position, 'f-9');
});

test('the memory is bounded, and its limit is known', () => {
    const recent = new RecentEvents(2);
    recent.begin('e-1');
    for (const n of [2, 3, 4]) recent.add(event(n));
    assert.equal(recent.after('e-1'), null);
    assert.deepEqual(recent.after('e-2')?.map(({ id }) => id), ['e-3', 'e-4']);
    assert.deepEqual(recent.after('e-9'), [], 'who is ahead has missed nothing');
    assert.equal(recent.after('f-3'), null);
    assert.equal(recent.after(null), null);
});

test('whatever happens to the tabs, each receives everything once and in order', () => {
    for (let seed = 1; seed <= 300; seed++) {
        const random = generator(seed);
        const browser = new Browser();
        let opened = 0;
        const open = () => browser.open(`t${opened++}`);
        open();
        for (let step = 0; step < 60; step++) {
            const chosen = /** @type {Tab} */ (browser.tabs[Math.floor(random() * browser.tabs.length)]);
            const dice = random();
            if (dice < 0.45) browser.happen();
            else if (dice < 0.6) browser.pass(Math.floor(random() * 12_000));
            else if (dice < 0.7 && browser.tabs.length < 6) open();
            else if (dice < 0.78 && browser.tabs.length > 1) browser.crash(chosen);
            else if (dice < 0.9) chosen.isFrozen = !chosen.isFrozen;
            if (random() < 0.7) browser.settle();
        }
        for (const tab of browser.tabs) tab.isFrozen = false;
        for (let n = 0; n < 8; n++) browser.pass(6000);
        browser.happen();
        browser.settle();
        assert.equal(browser.connections, 1, `seed ${seed}`);
        for (const tab of browser.tabs) {
            const since = Number(tab.told[0].id.slice(2));
            const expected = Array.from({ length: browser.log - since }, (_, index) => since + 1 + index);
            assert.deepEqual(tab.numbers, expected, `seed ${seed}`);
            assert.deepEqual(tab.types.filter((type) => type !== 'message' && type !== 'heartbeat'), ['ready']);
        }
    }
});

/** @param {number} seed @returns {() => number} */
function generator(seed) {
    let state = seed;
    return () => {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
        return state / 2 ** 32;
    };
}
