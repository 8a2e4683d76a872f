// Some statements do not hear that they are cancelled. Their caller does not wait for them, and they
// do not pile up in PostgreSQL.

import assert from 'node:assert/strict';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startPostgres } from './lib/postgres.mjs';
import { limit, startServer, textOf } from './lib/server.mjs';

const postgres = await startPostgres();
const database = { ...postgres.config, pool_size: 1, max_orphans: 1, statement_timeout: 300, lock_timeout: 60_000 };

const AT_THE_GATE = `EXISTS (SELECT FROM pg_stat_activity
  WHERE usename = 'agent' AND wait_event_type = 'Lock')`;

/** Asks until the answer is as it should be; returns its text. */
async function untilAnswer(server, pattern) {
  for (let attempt = 0; attempt < 100; attempt++) {
    const text = textOf(await server.query('SELECT 1'));
    if (pattern.test(text)) {
      return text;
    }
    await sleep(100);
  }
  assert.fail(`waited in vain for ${pattern}`);
}

/** Runs a statement that hears nothing until it gets a SIGCONT; returns how and where it went on. */
async function runDeaf(t, server) {
  const gate = await postgres.closeGate(t);
  const start = performance.now();
  const call = server.query('SELECT * FROM gate');
  await postgres.until(AT_THE_GATE);
  const pid = Number(await postgres.sql(
    "SELECT pid FROM pg_stat_activity WHERE usename = 'agent' AND state = 'active'"));
  process.kill(pid, 'SIGSTOP');
  const result = await call;
  const took = performance.now() - start;
  await gate.open();
  return { pid, result, took };
}

test('a deaf statement costs its caller the timeout, and holds the others up while it runs', async (t) => {
  const server = await startServer(t, { database });
  const { pid, result, took } = await runDeaf(t, server);
  assert.equal(result.structuredContent.error.sqlstate, '57014');
  assert.ok(took < limit(5000), `${took} ms`);

  assert.match(await untilAnswer(server, /ignored their cancellation/), new RegExp(`\\b${pid}\\b`));
  assert.equal((await server.query('SELECT 1')).structuredContent.error.retryable, true);
  await sleep(2000); // pgparley looks after it meanwhile, and finds it alive
  assert.match(textOf(await server.query('SELECT 1')), /ignored their cancellation/);

  process.kill(pid, 'SIGCONT');
  await untilAnswer(server, /\(1 row\)/);
});

test('when PostgreSQL crashes, they are gone', async (t) => {
  const server = await startServer(t, { database });
  const { pid } = await runDeaf(t, server);
  await untilAnswer(server, /ignored their cancellation/);
  postgres.crashBackend(pid);
  await untilAnswer(server, /\(1 row\)/);
});

test('the end of pgparley does not wait for them', async (t) => {
  const server = await startServer(t, { database });
  const { pid } = await runDeaf(t, server);
  await untilAnswer(server, /ignored their cancellation/);
  const start = performance.now();
  server.endInput();
  await server.exited;
  assert.ok(performance.now() - start < limit(5000));
  process.kill(pid, 'SIGCONT');
});

test('a cancellation by a DBA is not taken for the timeout', async (t) => {
  const server = await startServer(t, { database: { ...database, statement_timeout: 30_000 } });
  const gate = await postgres.closeGate(t);
  const call = server.query('SELECT * FROM gate');
  await postgres.until(AT_THE_GATE);
  await postgres.sql("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE usename = 'agent'");
  const { error } = (await call).structuredContent;
  assert.deepEqual([error.sqlstate, error.retryable], ['57014', false]);
  assert.match(error.hint, /somebody canceled it/);
  await gate.open();
});

for (const [name, query] of [
  ['xpath', `SELECT xpath('count(//*[count(//*[count(//*)>0])>0])',
    (SELECT xmlelement(name r, xmlagg(xmlelement(name a))) FROM generate_series(1, 3000)))`],
  ['the planner', `WITH c0 AS MATERIALIZED (SELECT 1 AS a)${Array.from({ length: 1000 }, (_, i) =>
    `, c${i + 1} AS (SELECT a FROM c${i})`).join('')} SELECT * FROM c1000`],
]) {
  test(`an answer comes in time from ${name}`, async (t) => {
    const server = await startServer(t, {
      database: { ...database, statement_timeout: 2000 }, security: { max_query_bytes: 65536 } });
    const start = performance.now();
    const result = await server.query(query);
    const took = performance.now() - start;
    t.diagnostic(`${took.toFixed(0)} ms: ${textOf(result).split('\n')[0]}`);
    assert.ok(took < limit(7000), `${took} ms`);
  });
}
