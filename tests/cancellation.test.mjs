// Whoever stops caring stops the statement in PostgreSQL as well.

import assert from 'node:assert/strict';
import test from 'node:test';
import { startPostgres } from './lib/postgres.mjs';
import { MODERN_META } from './lib/protocol.mjs';
import { limit, startServer, textOf } from './lib/server.mjs';

const postgres = await startPostgres();
const database = { ...postgres.config, lock_timeout: 60_000 };

const callOf = (id, query, meta) => ({ jsonrpc: '2.0', id, method: 'tools/call',
  params: { name: 'execute_sql_query', arguments: { query }, _meta: meta } });

for (const [era, meta] of [['legacy', {}], ['modern', MODERN_META]]) {
  test(`${era}: notifications/cancelled ends the statement within 100 ms, without an answer`, async (t) => {
    const server = await startServer(t, { database });
    if (era === 'legacy') {
      await server.initialize('2025-11-25');
    }
    const gate = await postgres.closeGate(t);
    const times = [];
    for (const id of ['one', -2, 'three']) {
      server.send(callOf(id, 'SELECT * FROM gate', meta));
      await postgres.untilRunning(1);
      const start = performance.now();
      server.notify('notifications/cancelled', { requestId: id, reason: 'test' });
      await postgres.untilRunning(0);
      times.push(performance.now() - start);
    }
    await gate.open();
    t.diagnostic(`${times.map((ms) => ms.toFixed(0)).join(', ')} ms`);
    assert.ok(Math.min(...times) < limit(100), `${times} ms`);
    assert.deepEqual((await server.rows('SELECT 1')).rows, [[1]]);
    for (const id of ['one', -2, 'three']) {
      assert.equal(server.hasAnswered(id), false);
    }
  });
}

test('one of several is cancelled, the others go on', async (t) => {
  const server = await startServer(t, { database });
  const gate = await postgres.closeGate(t);
  const kept = [server.query('SELECT 1 FROM gate'), server.query('SELECT 2 FROM gate')];
  server.send(callOf('gone', 'SELECT 3 FROM gate', MODERN_META));
  await postgres.untilRunning(3);
  server.notify('notifications/cancelled', { requestId: 'gone' });
  await postgres.untilRunning(2);
  await gate.open();
  assert.ok((await Promise.all(kept)).every((result) => !result.isError));
  assert.equal(server.hasAnswered('gone'), false);
});

test('a call that waits for a connection is cancelled too', async (t) => {
  const server = await startServer(t, { database: { ...database, pool_size: 1, max_overflow: 0 } });
  const gate = await postgres.closeGate(t);
  const running = server.query('SELECT 1 FROM gate');
  await postgres.untilRunning(1);
  server.send(callOf('waiting', 'SELECT 2 FROM gate', MODERN_META));
  const next = server.query('SELECT 3');
  server.notify('notifications/cancelled', { requestId: 'waiting' });
  await gate.open();
  assert.ok(!(await running).isError);
  assert.ok(!(await next).isError);
  assert.equal(server.hasAnswered('waiting'), false);
});

test('cancelling "1" does not cancel 1', async (t) => {
  const server = await startServer(t, { database });
  const gate = await postgres.closeGate(t);
  server.send(callOf(1, 'SELECT * FROM gate', MODERN_META));
  await postgres.untilRunning(1);
  server.notify('notifications/cancelled', { requestId: '1' });
  await server.request('ping', undefined, 'after');
  await gate.open();
  assert.ok(!(await server.answer(1)).result.isError);
});

test('a connection is usable again after a cancellation', async (t) => {
  const server = await startServer(t, { database: { ...database, pool_size: 1, max_overflow: 0 } });
  for (let round = 0; round < 5; round++) {
    const gate = await postgres.closeGate(t);
    server.send(callOf(`cancel ${round}`, 'SELECT * FROM gate', MODERN_META));
    await postgres.untilRunning(1);
    server.notify('notifications/cancelled', { requestId: `cancel ${round}` });
    assert.deepEqual((await server.rows(`SELECT ${round}`)).rows, [[round]]);
    await gate.open();
  }
});

test('cancelling at once, over and over, loses neither answers nor connections', async (t) => {
  const server = await startServer(t, { database: { ...database, pool_size: 2, max_overflow: 0 } });
  for (let i = 0; i < 200; i++) {
    server.send(callOf(`c${i}`, 'SELECT count(*) FROM numbers', MODERN_META));
    server.notify('notifications/cancelled', { requestId: `c${i}` });
  }
  assert.equal((await server.rows('SELECT count(*) FROM numbers')).rows[0][0], 5000);
  await postgres.untilRunning(0);
  assert.ok((await postgres.backends()).length <= 2);
});

test('statement_timeout ends a statement and says which setting it was', async (t) => {
  const server = await startServer(t, { database: { ...database, statement_timeout: 300 } });
  const start = performance.now();
  const result = await server.query('SELECT count(*) FROM numbers a, numbers b, numbers c');
  const took = performance.now() - start;
  assert.equal(result.isError, true);
  assert.equal(result.structuredContent.error.sqlstate, '57014');
  assert.match(textOf(result), /timeout|300/);
  assert.ok(took >= 300 && took < limit(5000), `${took} ms`);
  await postgres.untilRunning(0);
  assert.deepEqual((await server.rows('SELECT 1')).rows, [[1]]);
});

test('a timeout that PostgreSQL tells of after the last row is one, too', async (t) => {
  const server = await startServer(t, { database: { ...database, statement_timeout: 50 } });
  // From the plan to the last row, nothing looks whether time is up.
  for (const megabytes of [2, 5, 10, 20]) {
    const result = await server.query(`EXPLAIN VERBOSE SELECT repeat(repeat('x', 1000000), ${megabytes})`);
    assert.ok(!result.isError || result.structuredContent.error.sqlstate === '57014', textOf(result));
  }
});

test('SQL cannot switch the timeout off', async (t) => {
  const server = await startServer(t, { database: { ...database, statement_timeout: 300 } });
  const result = await server.query(`SELECT set_config('statement_timeout', '0', false), count(*)
    FROM numbers a, numbers b, numbers c`);
  assert.equal(result.isError, true);
  await server.query("SELECT set_config('statement_timeout', '0', false)");
  const start = performance.now();
  const second = await server.query('SELECT count(*) FROM numbers a, numbers b, numbers c');
  assert.equal(second.isError, true);
  assert.ok(performance.now() - start < limit(5000));
});
