// Who gives a token hears how a long call goes; who gives none hears nothing.

import assert from 'node:assert/strict';
import test from 'node:test';
import { startPostgres } from './lib/postgres.mjs';
import { MODERN_META } from './lib/protocol.mjs';
import { startServer } from './lib/server.mjs';

const postgres = await startPostgres();
const database = { ...postgres.config, lock_timeout: 60_000 };

const gateCall = (_meta) => ({
  name: 'execute_sql_query', arguments: { query: 'SELECT * FROM gate' }, _meta,
});

test('progress rises for each token, stops with the answer, and is for none but them', async (t) => {
  const server = await startServer(t, { database });
  const gate = await postgres.closeGate(t);
  const heard = { 'a "token"': [], '0': [], '42': [], 'modern': [] };
  const calls = [
    server.query('SELECT * FROM gate'),
    server.request('tools/call', gateCall({ progressToken: 'a "token"' })),
    server.request('tools/call', gateCall({ progressToken: 0 })),
    server.request('tools/call', gateCall({ ...MODERN_META, progressToken: 42 })),
    server.request('tools/call', gateCall({ ...MODERN_META, progressToken: 'modern' })),
  ];
  while (Object.values(heard).some((values) => values.length < 2)) {
    const { params } = await server.answer('notifications/progress');
    heard[params.progressToken].push(params.progress);
  }
  await gate.open();
  await Promise.all(calls);
  const count = server.unaddressed.length;
  await server.rows('SELECT 1');
  assert.equal(server.unaddressed.length, count, 'nothing after the answers');

  for (const { params: { progressToken } } of server.unaddressed) {
    assert.equal(typeof progressToken, /^\d+$/.test(progressToken) ? 'number' : 'string');
  }
  for (const values of Object.values(heard)) {
    assert.deepEqual(values, [...new Set(values)].toSorted((a, b) => a - b));
  }
});

test('a token beyond 2^53 comes back digit by digit', async (t) => {
  const server = await startServer(t, { database });
  const gate = await postgres.closeGate(t);
  const request = { jsonrpc: '2.0', id: 1, method: 'tools/call',
    params: gateCall({ ...MODERN_META, progressToken: 'TOKEN' }) };
  server.write(`${JSON.stringify(request).replace('"TOKEN"', '9007199254740993')}\n`);
  const { line } = await server.answer('notifications/progress');
  assert.match(line, /"progressToken":9007199254740993\b/);
  await gate.open();
  await server.answer(1);
});
