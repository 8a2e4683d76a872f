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
  const legacy = ['a "token"', 0], modern = [42, 'modern'];
  const calls = [
    server.query('SELECT * FROM gate'),
    ...legacy.map((progressToken) => server.request('tools/call', gateCall({ progressToken }))),
    ...modern.map((progressToken) => server.request('tools/call', gateCall({ ...MODERN_META, progressToken }))),
  ];
  const tokens = [...legacy, ...modern];
  const heardFor = (token) => server.unaddressed.filter(({ params }) => params.progressToken === token)
    .map(({ params }) => params.progress);
  while (tokens.some((token) => heardFor(token).length < 2)) {
    await server.answer('notifications/progress');
  }
  await gate.open();
  await Promise.all(calls);
  const count = server.unaddressed.length;
  await server.rows('SELECT 1');
  assert.equal(server.unaddressed.length, count, 'nothing after the answers');
  assert.equal(tokens.flatMap(heardFor).length, count, 'nothing for those who did not ask');
  for (const values of tokens.map(heardFor)) {
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
