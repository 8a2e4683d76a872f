// PostgreSQL may go away at any time: a clear error or a quiet retry, never an exit or a hang.

import assert from 'node:assert/strict';
import test from 'node:test';
import { ODD_ANSWERS, startFakePostgres } from './lib/fake-postgres.mjs';
import { freePort, silentPort } from './lib/net.mjs';
import { startPostgres } from './lib/postgres.mjs';
import { limit, run, startServer, textOf } from './lib/server.mjs';

const postgres = await startPostgres({ tcp: true });
const database = { ...postgres.config, connection_timeout: 1000 };
const tcp = { ...database, host: '127.0.0.1' };

/** An error that a person understands, in time, and that says that trying again may help. */
async function assertUnavailable(server, pattern, withinMs) {
  const start = performance.now();
  const result = await server.query('SELECT 1');
  const took = performance.now() - start;
  assert.equal(result.isError, true);
  assert.match(textOf(result), pattern);
  assert.equal(result.structuredContent.error.retryable, true);
  assert.ok(took < limit(withinMs + 3000), `${took} ms`);
}

/** The call either succeeds or fails as above; afterwards all is well. */
async function assertRecovers(server, result) {
  if (result.isError) {
    assert.equal(result.structuredContent.error.retryable, true, textOf(result));
  }
  for (let attempt = 0; (result = await server.query('SELECT 1')).isError; attempt++) {
    assert.ok(attempt < 50, textOf(result));
  }
  assert.deepEqual(result.structuredContent.rows, [[1]]);
}

for (const [transport, config] of [['socket', database], ['TCP', tcp]]) {
  test(`${transport}: an idle connection that was terminated is not noticed by the caller`, async (t) => {
    const server = await startServer(t, { database: config });
    await server.rows('SELECT 1');
    await postgres.sql("SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity WHERE usename = 'agent'");
    assert.deepEqual((await server.rows('SELECT 2')).rows, [[2]]);
  });

  test(`${transport}: a restart between two calls is not noticed by the caller`, async (t) => {
    const server = await startServer(t, { database: config });
    await server.rows('SELECT 1');
    await postgres.restart();
    assert.deepEqual((await server.rows('SELECT 2')).rows, [[2]]);
  });

  test(`${transport}: a restart under many idle connections is not noticed either`, async (t) => {
    const server = await startServer(t, { database: { ...config, pool_size: 20 } });
    const gate = await postgres.closeGate(t);
    const calls = Array.from({ length: 10 }, () => server.rows('SELECT * FROM gate'));
    await postgres.untilRunning(10);
    await gate.open();
    await Promise.all(calls);
    await postgres.restart();
    for (let i = 0; i < 3; i++) {
      assert.deepEqual((await server.rows(`SELECT ${i}`)).rows, [[i]]);
    }
  });
}

for (const [name, answer] of Object.entries(ODD_ANSWERS)) {
  test(`a server that answers wrongly is an error and no more: ${name}`, async (t) => {
    const port = await startFakePostgres(t, answer);
    const server = await startServer(t, { database: { ...tcp, port, connection_timeout: 500 } });
    const start = performance.now();
    assert.equal((await server.query('SELECT 1')).isError, true);
    assert.ok(performance.now() - start < limit(5000));
    assert.ok((await server.modern('tools/list')).result);
  });
}

test('a value beyond all measure is refused, and its memory given back', async (t) => {
  const server = await startServer(t, { database });
  const result = await server.query("SELECT repeat('x', 300000000)");
  assert.match(textOf(result), /larger than 64 MiB/);
  assert.deepEqual((await server.rows('SELECT 1')).rows, [[1]]);
  assert.ok(server.residentKiB() < limit(100_000), `${server.residentKiB()} KiB`);
});

test('a statement whose connection is terminated is run again', async (t) => {
  const server = await startServer(t, { database });
  const gate = await postgres.closeGate(t);
  const call = server.query('SELECT * FROM gate');
  await postgres.untilRunning(1);
  const [pid] = await postgres.backends();
  await postgres.sql(`SELECT pg_terminate_backend(${pid}, 1000)`);
  await postgres.until(`EXISTS (SELECT FROM pg_stat_activity
    WHERE usename = 'agent' AND state = 'active' AND pid <> ${pid})`);
  await gate.open();
  assert.ok(!(await call).isError, textOf(await call));
});

test('kill -9 of an idle backend', async (t) => {
  const server = await startServer(t, { database });
  await server.rows('SELECT 1');
  postgres.crashBackend((await postgres.backends())[0]);
  await assertRecovers(server, await server.query('SELECT 2'));
});

test('kill -9 of the backend under a running statement', async (t) => {
  const server = await startServer(t, { database });
  const gate = await postgres.closeGate(t);
  const call = server.query('SELECT * FROM gate');
  await postgres.untilRunning(1);
  postgres.crashBackend((await postgres.backends())[0]);
  await assertRecovers(server, await call);
  await gate.open();
});

for (const mode of ['fast', 'immediate']) {
  test(`a restart (${mode}) under running statements`, async (t) => {
    const server = await startServer(t, { database });
    const gate = await postgres.closeGate(t);
    const calls = [server.query('SELECT * FROM gate'), server.query('SELECT 1 FROM gate')];
    await postgres.untilRunning(2);
    await postgres.restart(mode);
    for (const call of calls) {
      await assertRecovers(server, await call);
    }
    await gate.open();
  });
}

test('PostgreSQL that is down at start: an error, then service', async (t) => {
  await postgres.stop();
  for (const config of [database, tcp]) {
    const server = await startServer(t, { database: config });
    assert.ok((await server.initialize('2025-11-25')).result);
    await assertUnavailable(server, /connect/i, 2000);
    await assertUnavailable(server, /connect/i, 2000);
    await postgres.start();
    assert.deepEqual((await server.rows('SELECT 1')).rows, [[1]]);
    await postgres.stop();
  }
  await postgres.start();
});

test('a host that accepts and stays silent costs connection_timeout and no more', async (t) => {
  const server = await startServer(t, {
    database: { ...tcp, port: await silentPort(t), connection_timeout: 1500 } });
  let over = false;
  const slow = assertUnavailable(server, /time|1500/i, 2500).finally(() => { over = true; });
  await server.modern('tools/list');
  assert.ok(!over, 'other requests are answered meanwhile');
  await slow;
});

test('digits of an address are not taken for an SQLSTATE', async (t) => {
  const server = await startServer(t, { database: { ...tcp, host: '/nonexistent', port: 32853 } });
  await assertUnavailable(server, /is the server running there/, 1000);
});

test('names that do not resolve, ports nobody listens on, wrong databases and roles', async (t) => {
  for (const [config, pattern] of [
    [{ ...tcp, host: 'does-not-exist.invalid' }, /does-not-exist\.invalid/],
    [{ ...tcp, port: await freePort() }, /refused|connect/i],
    [{ ...database, host: '/nonexistent' }, /nonexistent/],
    [{ ...database, database: 'nosuchdb' }, /nosuchdb/],
    [{ ...database, username: 'nobody_here' }, /nobody_here/],
  ]) {
    const server = await startServer(t, { database: config });
    const result = await server.query('SELECT 1');
    assert.equal(result.isError, true);
    assert.match(textOf(result), pattern);
    assert.deepEqual((await server.request('ping')).result, {});
  }
});

test('a password in the wrong place does not appear in an error either', async (t) => {
  for (const args of [['postgres://u:sec@ret@host/db'], ['postgres://u:sec/ret@host/db'],
    ['host=h dbname=postgres://u:secret@h/db']]) {
    const { code, stderr } = await run(args);
    assert.equal(code, 2);
    assert.doesNotMatch(stderr, /sec|ret@/);
    assert.match(stderr, /percent-encode/);
  }
});

test('a password does not appear in an error', async (t) => {
  const server = await startServer(t, {
    database: { ...tcp, port: await freePort(), password: 'hunter2-hunter2' } });
  assert.doesNotMatch(JSON.stringify(await server.query('SELECT 1')), /hunter2/);
  assert.doesNotMatch(server.stderr, /hunter2/);
});

test('an exhausted pool is an error after pool_timeout', async (t) => {
  const server = await startServer(t, {
    database: { ...database, pool_size: 1, max_overflow: 0, pool_timeout: 1, lock_timeout: 60_000 } });
  const gate = await postgres.closeGate(t);
  const slow = server.query('SELECT * FROM gate');
  await postgres.untilRunning(1);
  const start = performance.now();
  await assertUnavailable(server, /pool/i, 2000);
  assert.ok(performance.now() - start >= 1000);
  await gate.open();
  assert.ok(!(await slow).isError);
  assert.deepEqual((await server.rows('SELECT 1')).rows, [[1]]);
});

test('a connection string alone is enough', async (t) => {
  const { host, port } = database;
  for (const url of [
    `postgresql://agent@127.0.0.1:${port}/shop`,
    `postgres:///shop?host=${encodeURIComponent(host)}&port=${port}&user=agent`,
  ]) {
    const server = await startServer(t, { args: [url] });
    assert.deepEqual((await server.rows('SELECT name FROM customers ORDER BY id LIMIT 1')).rows, [['Ada']]);
  }
  const server = await startServer(t, {
    args: [], env: { DATABASE_URL: `postgresql://agent@127.0.0.1:${port}/shop` } });
  assert.deepEqual((await server.rows('SELECT current_database()')).rows, [['shop']]);
});
