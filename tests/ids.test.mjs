// Ids come back exactly as they were sent.

import assert from 'node:assert/strict';
import test from 'node:test';
import { MODERN_META } from './lib/protocol.mjs';
import { startServer } from './lib/server.mjs';

for (const id of ['0', '7', '-1', '9007199254740993', '-9223372036854775808', '"1"', '""', '"é \\"\\\\ 😀"']) {
  for (const [era, params] of [['legacy', {}], ['modern', { _meta: MODERN_META }]]) {
    test(`${era}: id ${id}`, async (t) => {
      const server = await startServer(t);
      server.write(`{"jsonrpc":"2.0","id":${id},"method":"tools/list","params":${JSON.stringify(params)}}\n`);
      const { line } = await server.answer(JSON.parse(id));
      assert.ok(line.includes(`"id":${id}`), line.slice(0, 200));
    });
  }
}

test('"1" and 1 are different ids', async (t) => {
  const server = await startServer(t);
  server.write('{"jsonrpc":"2.0","id":"1","method":"ping"}\n{"jsonrpc":"2.0","id":1,"method":"nope"}\n');
  assert.deepEqual((await server.answer('1')).result, {});
  assert.equal((await server.answer(1)).error.code, -32601);
});

test('an id of 3 MB is refused, and is not sent back', async (t) => {
  const server = await startServer(t);
  server.send({ jsonrpc: '2.0', id: 'x'.repeat(3_000_000), method: 'ping' });
  const { error } = await server.answer();
  assert.equal(error.code, -32600);
  assert.deepEqual((await server.request('ping')).result, {});
});

for (const id of ['null', 'true', '1.5', '[1]', '{}']) {
  test(`id ${id} is refused`, async (t) => {
    const server = await startServer(t);
    server.write(`{"jsonrpc":"2.0","id":${id},"method":"ping"}\n`);
    const { error } = await server.answer();
    assert.equal(error.code, -32600);
    assert.deepEqual((await server.request('ping')).result, {});
  });
}
