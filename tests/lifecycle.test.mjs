// Start fast and silent, touch nothing unasked, end at once and leave nothing running.

import assert from 'node:assert/strict';
import test from 'node:test';
import { silentPort } from './lib/net.mjs';
import { startPostgres } from './lib/postgres.mjs';
import { MODERN, MODERN_META } from './lib/protocol.mjs';
import { limit, startServer } from './lib/server.mjs';
import { assertQuick, timed } from './lib/timed.mjs';

const postgres = await startPostgres();
const { config: database } = postgres;

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

for (const [what, ask] of [
  ['initialize', (server) => server.initialize('2025-11-25')],
  ['server/discover', (server) => server.modern('server/discover')],
]) {
  test(`start to answered ${what}`, async (t) => {
    const times = [];
    for (let i = 0; i < 15; i++) {
      const server = await startServer(t);
      times.push((await ask(server)).receivedAt - server.startedAt);
      await server.finish();
    }
    t.diagnostic(`${median(times).toFixed(1)} ms (median of ${times.length})`);
    assert.ok(median(times) < limit(150), `${times} ms`);
  });
}

test('nothing is printed and no connection made before the first call that needs one', async (t) => {
  const server = await startServer(t, { database });
  await server.initialize('2025-11-25');
  server.notify('notifications/initialized');
  await server.modern('server/discover');
  await server.modern('tools/list');
  await server.request('ping');
  assert.deepEqual(await postgres.backends(), []);
  assert.deepEqual(server.unaddressed, []);
  assert.equal(server.stderr, '');
  await server.rows('SELECT 1');
  assert.equal((await postgres.backends()).length, 1);
  assert.match(server.stderr, /^pgparley: warning: the role agent .*superuser.*\n$/);
});

test('memory after the first query', async (t) => {
  const server = await startServer(t, { database });
  await server.rows('SELECT 1');
  const peak = server.residentKiB('VmHWM');
  t.diagnostic(`${peak} KiB`);
  assert.ok(peak < limit(16 * 1024), `${peak} KiB`);
});

for (const [what, end] of [
  ['the end of input', (server) => server.endInput()],
  ['SIGTERM', (server) => server.kill('SIGTERM')],
  ['SIGINT', (server) => server.kill('SIGINT')],
]) {
  test(`${what} ends an idle server within 100 ms`, timed(async (t) => {
    const server = await startServer(t, { database });
    await server.rows('SELECT 1');
    const start = performance.now();
    end(server);
    const { code, at } = await server.exited;
    assert.equal(code, 0, server.stderr);
    assertQuick(at - start, 100);
    await postgres.until("NOT EXISTS (SELECT FROM pg_stat_activity WHERE usename = 'agent')");
  }));

  test(`${what} ends a busy server within 100 ms, and its statements`, timed(async (t) => {
    const server = await startServer(t, { database });
    const gate = await postgres.closeGate(t);
    for (let id = 0; id < 3; id++) {
      server.send({ jsonrpc: '2.0', id, method: 'tools/call', params: {
        name: 'execute_sql_query', arguments: { query: 'SELECT * FROM gate' }, _meta: MODERN_META } });
    }
    await postgres.untilRunning(3);
    const start = performance.now();
    end(server);
    const { code, at } = await server.exited;
    await postgres.untilRunning(0);
    const gone = performance.now() - start;
    await gate.open();
    assert.equal(code, 0, server.stderr);
    assertQuick(at - start, 100);
    assertQuick(gone, 200);
  }));
}

test('the end of input while connecting ends the server too', async (t) => {
  const server = await startServer(t, {
    database: { host: '127.0.0.1', port: await silentPort(t), connection_timeout: 60_000 } });
  server.send({ jsonrpc: '2.0', id: 'connecting', method: 'tools/call', params: {
    name: 'execute_sql_query', arguments: { query: 'SELECT 1' }, _meta: MODERN_META } });
  await server.modern('tools/list');
  const start = performance.now();
  server.endInput();
  assert.equal((await server.exited).code, 0, server.stderr);
  assert.ok(performance.now() - start < limit(5000));
});

test('stdin may be a file: all of it is answered', async (t) => {
  const request = (id, method, params) => JSON.stringify({ jsonrpc: '2.0', id, method, params });
  const server = await startServer(t, { database, input: [
    request('a', 'ping'),
    request('b', 'server/discover', { _meta: MODERN_META }),
    request('c', 'nope'),
    request('d', 'tools/call', {
      name: 'execute_sql_query', arguments: { query: 'SELECT 1' }, _meta: MODERN_META }),
  ].join('\n') });
  const [ping, discover, unknown, query] = await Promise.all(['a', 'b', 'c', 'd'].map((id) => server.answer(id)));
  assert.deepEqual(ping.result, {});
  assert.deepEqual(discover.result.supportedVersions, [MODERN]);
  assert.equal(unknown.error.code, -32601);
  assert.deepEqual(query.result.structuredContent.rows, [[1]]);
  assert.equal((await server.exited).code, 0, server.stderr);
});

test('who only listens for changes does not hold up the end', async (t) => {
  const server = await startServer(t, { database, input: `${JSON.stringify({
    jsonrpc: '2.0', id: 1, method: 'subscriptions/listen',
    params: { notifications: { toolsListChanged: true }, _meta: MODERN_META },
  })}\n` });
  assert.equal((await server.answer(1)).result.resultType, 'complete');
  assert.equal((await server.exited).code, 0);
  assert.equal(server.stderr, '');
});

test('stdin may be /dev/null', async (t) => {
  const server = await startServer(t, { input: null });
  assert.equal((await server.exited).code, 0, server.stderr);
  assert.equal(server.stderr, '');
});

test('a reader that goes away ends the server', async (t) => {
  const server = await startServer(t, { database });
  await server.rows('SELECT 1');
  server.stdout.destroy();
  server.notify('notifications/initialized');
  server.send({ jsonrpc: '2.0', id: 'nobody', method: 'ping' });
  const { signal } = await server.exited;
  assert.equal(signal, null);
});

for (const [what, end] of [
  ['the end of input', (server) => server.endInput()],
  ['SIGTERM', (server) => server.kill('SIGTERM')],
]) {
  test(`${what} ends a server whose answers nobody takes`, timed(async (t) => {
    const server = await startServer(t, { database, security: { max_result_bytes: 1_000_000 } });
    const gate = await postgres.closeGate(t);
    server.stdout.pause();
    for (const id of ['more than', 'a pipe holds']) {
      server.send({ jsonrpc: '2.0', id, method: 'tools/call', params: {
        name: 'execute_sql_query', _meta: MODERN_META,
        arguments: { query: "SELECT repeat('x', 8000) FROM numbers LEFT JOIN gate ON true LIMIT 20" } } });
    }
    await postgres.untilRunning(2);
    await gate.open();
    await postgres.untilRunning(0);
    const start = performance.now();
    end(server);
    const { code, at } = await server.exited;
    server.stdout.destroy();
    assert.equal(code, 0, server.stderr);
    assertQuick(at - start, 150);
  }));
}

test('the end of input is noticed while reading is paused', timed(async (t) => {
  const server = await startServer(t, { database, security: { max_result_bytes: 1_000_000 } });
  server.stdout.pause();
  for (let id = 0; id < 50; id++) {
    server.send({ jsonrpc: '2.0', id, method: 'tools/call', params: {
      name: 'execute_sql_query', _meta: MODERN_META,
      arguments: { query: "SELECT repeat('x', 8000) FROM numbers WHERE n <= 20" } } });
  }
  await postgres.until("(SELECT count(*) FROM pg_stat_activity WHERE usename = 'agent') > 1");
  const start = performance.now();
  server.endInput();
  const { code, at } = await server.exited;
  server.stdout.destroy();
  assert.equal(code, 0);
  assertQuick(at - start, 250);
}));

test('two servers with one configuration do not disturb each other', async (t) => {
  const [probe, real] = [await startServer(t, { database }), await startServer(t, { database })];
  assert.ok((await probe.modern('server/discover')).result);
  probe.kill('SIGTERM');
  assert.equal((await probe.exited).code, 0);
  assert.deepEqual((await real.rows('SELECT 1')).rows, [[1]]);
});
