// JSON-RPC batches exist in 2025-03-26 alone.

import assert from 'node:assert/strict';
import test from 'node:test';
import { MODERN_META } from './lib/protocol.mjs';
import { startServer } from './lib/server.mjs';

const request = (id, method, params) => ({ jsonrpc: '2.0', id, method, params });
const pair = [request('a', 'ping'), request('b', 'tools/list')];

async function started(t, version) {
  const server = await startServer(t);
  await server.initialize(version);
  return server;
}

test('2025-03-26: a batch of requests is answered, every id once', async (t) => {
  const server = await started(t, '2025-03-26');
  server.send([...pair, { jsonrpc: '2.0', method: 'notifications/initialized' }, request('c', 'nope')]);
  assert.deepEqual((await server.answer('a')).result, {});
  assert.ok((await server.answer('b')).result.tools);
  assert.equal((await server.answer('c')).error.code, -32601);
});

test('2025-03-26: a batch of notifications is not answered', async (t) => {
  const server = await started(t, '2025-03-26');
  server.send([{ jsonrpc: '2.0', method: 'notifications/initialized' }]);
  assert.deepEqual((await server.request('ping')).result, {});
  assert.deepEqual(server.unaddressed, []);
});

test('2025-03-26: an empty batch is invalid', async (t) => {
  const server = await started(t, '2025-03-26');
  server.send([]);
  assert.equal((await server.answer()).error.code, -32600);
});

test('2025-03-26: an invalid element does not spoil the rest', async (t) => {
  const server = await started(t, '2025-03-26');
  server.send([1, request('a', 'ping')]);
  assert.deepEqual((await server.answer('a')).result, {});
  assert.equal((await server.answer()).error.code, -32600);
});

for (const version of ['2024-11-05', '2025-06-18', '2025-11-25']) {
  test(`${version}: a batch is invalid`, async (t) => {
    const server = await started(t, version);
    server.send(pair);
    assert.equal((await server.answer()).error.code, -32600);
    assert.deepEqual((await server.request('ping')).result, {});
  });
}

test('2025-03-26: modern requests in a batch are invalid, and do not hold it up', async (t) => {
  const server = await started(t, '2025-03-26');
  server.send([request('a', 'ping'), request('m', 'tools/list', { _meta: MODERN_META }),
    request('l', 'subscriptions/listen', { notifications: {}, _meta: MODERN_META })]);
  assert.deepEqual((await server.answer('a')).result, {});
  assert.equal((await server.answer('m')).error.code, -32600);
  assert.equal((await server.answer('l')).error.code, -32600);
});

test('a batch before initialize, or of modern requests, is invalid', async (t) => {
  const server = await startServer(t);
  server.send(pair);
  assert.equal((await server.answer()).error.code, -32600);
  server.send([request('m', 'tools/list', { _meta: MODERN_META })]);
  assert.equal((await server.answer()).error.code, -32600);
  assert.ok((await server.modern('tools/list')).result);
});
