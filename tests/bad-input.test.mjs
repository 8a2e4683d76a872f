// Whatever arrives, the answer is a JSON-RPC error and the next request works.

import assert from 'node:assert/strict';
import test from 'node:test';
import { MODERN_META } from './lib/protocol.mjs';
import { startServer } from './lib/server.mjs';

const request = (id, method, params = {}) => JSON.stringify({ jsonrpc: '2.0', id, method, params });
const nested = (depth) => '['.repeat(depth) + ']'.repeat(depth);
const call = (query) => request(7, 'tools/call',
  { name: 'execute_sql_query', arguments: { query }, _meta: MODERN_META });

const PARSE_ERROR = -32700, INVALID_REQUEST = -32600, NOT_FOUND = -32601, INVALID_PARAMS = -32602;

// What it is, the line, the code, and the id that the error must name (undefined: none).
const cases = [
  ['text that is not JSON', 'hello', PARSE_ERROR],
  ['a message cut short', '{"jsonrpc":"2.0","id":7,"method":', PARSE_ERROR],
  ['two messages on one line', request(7, 'ping') + request(8, 'ping'), PARSE_ERROR],
  ['NaN for a number', '{"jsonrpc":"2.0","id":NaN,"method":"ping"}', PARSE_ERROR],
  ['a comment', '/* */ {}', PARSE_ERROR],
  ['invalid UTF-8', Buffer.concat([Buffer.from('{"jsonrpc":"2.0","id":7,"method":"'),
    Buffer.from([0xff, 0xc0, 0x80]), Buffer.from('"}')]), PARSE_ERROR],
  ['a surrogate in UTF-8', Buffer.from('22eda08022', 'hex'), PARSE_ERROR],
  ['a NUL byte in a string', '{"jsonrpc":"2.0","id":7,"method":"pi\0ng"}', PARSE_ERROR],
  ['NUL bytes alone', '\0\0\0', PARSE_ERROR],
  ['a NUL byte after the message', `${request(7, 'ping')}\0`, PARSE_ERROR],
  ['a lone surrogate escape', '{"jsonrpc":"2.0","id":7,"method":"\\ud800"}', PARSE_ERROR, 7],
  ['10,000 levels of arrays', nested(10_000), PARSE_ERROR],
  ['10,000 levels in the arguments', `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":${
    nested(10_000)}}`, PARSE_ERROR, 7],
  ['30,000 small values in the arguments', call(0).replace('"query":0', `"query":[${
    Array(30_000).fill('[]')}]`), INVALID_REQUEST, 7],
  ['a key twice', '{"jsonrpc":"2.0","id":7,"method":"ping","method":"tools/list"}', INVALID_REQUEST, 7],
  ['the id twice', '{"jsonrpc":"2.0","id":7,"id":8,"method":"ping"}', INVALID_REQUEST],
  ['a number', '42', INVALID_REQUEST],
  ['null', 'null', INVALID_REQUEST],
  ['an empty object', '{}', INVALID_REQUEST],
  ['no jsonrpc', '{"id":7,"method":"ping"}', INVALID_REQUEST, 7],
  ['the wrong jsonrpc', '{"jsonrpc":"1.0","id":7,"method":"ping"}', INVALID_REQUEST, 7],
  ['no method', '{"jsonrpc":"2.0","id":7}', INVALID_REQUEST, 7],
  ['a method that is a number', '{"jsonrpc":"2.0","id":7,"method":1}', INVALID_REQUEST, 7],
  ['params that are an array', '{"jsonrpc":"2.0","id":7,"method":"ping","params":[]}', INVALID_PARAMS, 7],
  ['an unknown method', request(7, 'nope'), NOT_FOUND, 7],
  ['a method with another capital', request(7, 'Ping'), NOT_FOUND, 7],
  ['a _meta that is a string', request(7, 'tools/list', { _meta: 'x' }), INVALID_PARAMS, 7],
  ['a _meta that is an array', request(7, 'tools/list', { _meta: [] }), INVALID_PARAMS, 7],
  ['a tool call without a name', request(7, 'tools/call'), INVALID_PARAMS, 7],
  ['an unknown tool', request(7, 'tools/call', { name: 'nope', _meta: MODERN_META }), INVALID_PARAMS, 7],
  ['arguments that are an array', request(7, 'tools/call',
    { name: 'execute_sql_query', arguments: [], _meta: MODERN_META }), INVALID_PARAMS, 7],
  ['a 5 MB line', call(`SELECT '${'x'.repeat(5_000_000)}'`), INVALID_REQUEST, 7],
  ['a 5 MB line without an id', `"${'x'.repeat(5_000_000)}"`, INVALID_REQUEST],
];

test('a query may have any number of commas and brackets', async (t) => {
  const server = await startServer(t);
  server.write(`${call(`SELECT '"${'[{,'.repeat(30_000)}'`)}\n`);
  assert.equal((await server.answer(7)).error, undefined);
});

for (const [what, line, code, id] of cases) {
  test(`${what}: ${code}`, async (t) => {
    const server = await startServer(t);
    server.write(Buffer.concat([Buffer.from(line), Buffer.from('\n')]));
    const { error } = await server.answer(id);
    assert.equal(error.code, code, error.message);
    assert.deepEqual((await server.request('ping', undefined, 'next')).result, {});
  });
}

test('\\u0000 in a query is refused and names the character', async (t) => {
  const server = await startServer(t);
  server.write(`${call('SELECT 1').replace('SELECT 1', 'SELECT \\u0000 1')}\n`);
  const answer = await Promise.race([server.answer(7), server.answer()]);
  assert.ok(answer.result?.isError || answer.error.code === PARSE_ERROR);
  assert.deepEqual((await server.request('ping', undefined, 'next')).result, {});
});

test('blank lines and CRLF are fine', async (t) => {
  const server = await startServer(t);
  server.write(`\n\r\n  \n${request(1, 'ping')}\r\n\n${request(2, 'ping')}\n`);
  assert.deepEqual((await server.answer(1)).result, {});
  assert.deepEqual((await server.answer(2)).result, {});
  assert.deepEqual(server.unaddressed, []);
});

test('a message may arrive byte by byte', async (t) => {
  const server = await startServer(t);
  for (const byte of Buffer.from(`${request('é', 'ping')}\n`)) {
    server.write(Buffer.from([byte]));
    await new Promise(setImmediate);
  }
  assert.deepEqual((await server.answer('é')).result, {});
});

test('responses and unknown notifications are ignored', async (t) => {
  const server = await startServer(t);
  server.send({ jsonrpc: '2.0', id: 7, result: {} });
  server.send({ jsonrpc: '2.0', id: 8, error: { code: 1, message: 'x' } });
  server.notify('notifications/nope', { a: 1 });
  server.notify('notifications/cancelled', { requestId: 'never seen' });
  server.notify('notifications/cancelled');
  assert.deepEqual((await server.request('ping')).result, {});
  assert.deepEqual(server.unaddressed, []);
});

test('a partial line at the end of input is no reason to fail', async (t) => {
  const server = await startServer(t);
  server.write(`${request(1, 'ping')}\n{"jsonrpc":"2.0",`);
  assert.deepEqual((await server.answer(1)).result, {});
  server.endInput();
  assert.equal((await server.exited).code, 0, server.stderr);
});

test('100 bad lines in a row are answered one by one', async (t) => {
  const server = await startServer(t);
  server.write('{\n'.repeat(100));
  assert.deepEqual((await server.request('ping')).result, {});
  assert.equal(server.unaddressed.length, 100);
});
