// Many calls on one pipe: none waits for another, none is lost, each costs little.

import assert from 'node:assert/strict';
import test from 'node:test';
import { startPostgres } from './lib/postgres.mjs';
import { sanitized, startServer } from './lib/server.mjs';

const postgres = await startPostgres();
const database = { ...postgres.config, lock_timeout: 60_000, pool_timeout: 120 };

test('a fast call overtakes a slow one', async (t) => {
  const server = await startServer(t, { database });
  const gate = await postgres.closeGate(t);
  const slow = server.query('SELECT * FROM gate');
  await postgres.untilRunning(1);
  assert.deepEqual((await server.rows('SELECT 1')).rows, [[1]]);
  assert.ok((await server.modern('tools/list')).result);
  await gate.open();
  assert.equal((await slow).structuredContent.row_count, 0);
});

test('an id in flight cannot be used again until it is answered', async (t) => {
  const server = await startServer(t, { database });
  const gate = await postgres.closeGate(t);
  const callGate = () => server.modern('tools/call', {
    name: 'execute_sql_query', arguments: { query: 'SELECT * FROM gate' } }, 'same');
  const first = callGate();
  await postgres.untilRunning(1);
  assert.equal((await callGate()).error.code, -32600);
  await first;
  await gate.open();
  assert.equal((await server.answer('same')).result.structuredContent.row_count, 0);
  assert.equal((await callGate()).result.structuredContent.row_count, 0);
});

test('2025-03-26: a batch is answered as one, without what was cancelled', async (t) => {
  const server = await startServer(t, { database });
  await server.initialize('2025-03-26');
  const gate = await postgres.closeGate(t);
  const call = (id, query) => ({ jsonrpc: '2.0', id, method: 'tools/call',
    params: { name: 'execute_sql_query', arguments: { query } } });
  server.send([call('slow', 'SELECT 1 FROM gate'), call('fast', 'SELECT 2'), call('gone', 'SELECT 3 FROM gate')]);
  await postgres.untilRunning(2);
  server.notify('notifications/cancelled', { requestId: 'gone' });
  await postgres.untilRunning(1);
  await gate.open();
  const { line } = await server.answer('slow');
  assert.deepEqual(JSON.parse(line).map(({ id }) => id).sort(), ['fast', 'slow']);
});

test('calls run side by side up to pool_size and max_overflow', async (t) => {
  const server = await startServer(t, { database: { ...database, pool_size: 2, max_overflow: 3 } });
  const gate = await postgres.closeGate(t);
  const calls = Array.from({ length: 8 }, () => server.query('SELECT * FROM gate'));
  await postgres.untilRunning(5);
  await gate.open();
  assert.ok((await Promise.all(calls)).every((result) => !result.isError));
  // What was opened beyond pool_size closes when it is returned.
  await postgres.until("(SELECT count(*) FROM pg_stat_activity WHERE usename = 'agent') <= 2");
});

test('10,000 requests in flight are all answered, under 64 KB each', async (t) => {
  const COUNT = 10_000;
  const server = await startServer(t, {
    database: { ...database, pool_size: 4, max_overflow: 0 },
    mcp: { call_timeout: 300_000 },
  });
  await server.rows('SELECT 1');
  const gate = await postgres.closeGate(t);
  const before = server.residentKiB();
  const calls = Array.from({ length: COUNT }, (_, i) => server.query(`SELECT ${i % 500} FROM (SELECT count(*) FROM gate) g`));
  await server.request('ping', undefined, 'all read');
  await postgres.untilRunning(4);
  const each = (server.residentKiB() - before) / COUNT;
  await gate.open();
  const results = await Promise.all(calls);
  results.forEach(({ isError, structuredContent }, i) => {
    assert.ok(!isError);
    assert.equal(structuredContent.rows[0][0], i % 500);
  });
  t.diagnostic(`${each.toFixed(1)} KiB for each waiting call, ${server.residentKiB('VmHWM')} KiB at most`);
  assert.ok(sanitized || each < 64, `${each} KiB for each waiting call`);
});

test('more requests than max_requests get an error, and the rest their answers', async (t) => {
  const server = await startServer(t, {
    database: { ...database, pool_size: 1, max_overflow: 0 }, mcp: { max_requests: 10 },
  });
  const gate = await postgres.closeGate(t);
  const calls = Array.from({ length: 15 }, () => server.modern('tools/call', {
    name: 'execute_sql_query', arguments: { query: 'SELECT * FROM gate' } }));
  await postgres.untilRunning(1);
  await gate.open();
  const outcomes = (await Promise.all(calls)).map(({ error, result }) => !error && !result.isError);
  assert.ok(outcomes.filter(Boolean).length >= 10, outcomes.join());
  assert.deepEqual((await server.rows('SELECT 1')).rows, [[1]]);
});

test('a client that does not read for a while loses nothing', async (t) => {
  const server = await startServer(t, { database, security: { max_result_bytes: 1_000_000 } });
  server.stdout.pause();
  const calls = Array.from({ length: 100 }, (_, i) =>
    server.rows(`SELECT ${i}, repeat('x', 8000) FROM numbers WHERE n <= 10`));
  await postgres.until(`(SELECT count(*) FROM pg_stat_activity
    WHERE usename = 'agent' AND query LIKE '%repeat%') > 0`);
  await postgres.untilRunning(0);
  server.stdout.resume();
  (await Promise.all(calls)).forEach(({ rows }, i) => {
    assert.equal(rows.length, 10);
    assert.equal(rows[9][0], i);
  });
});

test('memory settles: 2,000 calls one after the other leave nothing behind', async (t) => {
  const server = await startServer(t, { database });
  const hundreds = async (count) => {
    for (let i = 0; i < count; i++) {
      await Promise.all(Array.from({ length: 100 }, () => server.rows('SELECT * FROM customers')));
    }
  };
  await hundreds(5);
  const before = server.residentKiB();
  await hundreds(15);
  const growth = server.residentKiB() - before;
  t.diagnostic(`${growth} KiB`);
  assert.ok(sanitized || growth < 1024, `${growth} KiB`);
});
