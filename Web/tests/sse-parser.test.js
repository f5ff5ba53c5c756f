import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SSEParser } from '../sdk/sse-parser.js';

const stream = '\uFEFF: hello\nretry: 3000\nid: e-1\nevent: ready\ndata: {"a":1}\n\ndata: one\r\ndata:two\r\n\r\nid: e-3\rdata\r\revent: lost\n\ndata: x\n\ndata: unfinished';
const expected = [
    { type: 'ready', id: 'e-1', data: '{"a":1}' },
    { type: 'message', id: 'e-1', data: 'one\ntwo' },
    { type: 'message', id: 'e-3', data: '' },
    { type: 'message', id: 'e-3', data: 'x' },
];

test('a stream is parsed by the rules of the standard', () => {
    assert.deepEqual(new SSEParser().push(stream), expected);
});

test('it makes no difference where the stream is split', () => {
    for (let at = 1; at < stream.length; at += 1) {
        const parser = new SSEParser();
        assert.deepEqual([...parser.push(stream.slice(0, at)), ...parser.push(stream.slice(at))], expected, `cut at ${at}`);
    }
    const parser = new SSEParser();
    assert.deepEqual([...stream].flatMap((character) => parser.push(character)), expected);
});
