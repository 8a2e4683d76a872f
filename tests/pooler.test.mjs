// Behind PgBouncer in transaction mode every statement may meet another session.

import assert from 'node:assert/strict';
import test from 'node:test';
import { hasPgBouncer, startPgBouncer } from './lib/pgbouncer.mjs';
import { startPostgres } from './lib/postgres.mjs';
import { limit, startServer, textOf } from './lib/server.mjs';

const POOL_SIZE = 2;
const skip = !hasPgBouncer && 'pgbouncer is not installed';
const postgres = !skip && await startPostgres();
const database = !skip && { ...await startPgBouncer(postgres, { poolSize: POOL_SIZE }), pooler: 'transaction' };

test('many calls share few server connections', { skip }, async (t) => {
  const server = await startServer(t, { database });
  const results = await Promise.all(Array.from({ length: 100 }, (_, i) => server.rows(`SELECT ${i}`)));
  results.forEach(({ rows }, i) => assert.deepEqual(rows, [[i]]));
  assert.ok((await postgres.backends()).length <= POOL_SIZE);
});

test('every statement is read-only and has its limits, whatever session it meets', { skip }, async (t) => {
  const server = await startServer(t, { database: { ...database, statement_timeout: 4321 } });
  const results = await Promise.all(Array.from({ length: 20 }, () => server.rows(
    "SELECT current_setting('transaction_read_only'), current_setting('statement_timeout')")));
  results.forEach(({ rows }) => assert.deepEqual(rows, [['on', '4321ms']]));
  const result = await server.query('SELECT nextval(pg_get_serial_sequence($$customers$$, $$id$$))');
  assert.equal(result.isError, true);
});

test('settings do not leak into the sessions of other clients', { skip }, async (t) => {
  const server = await startServer(t, { database: { ...database, statement_timeout: 4321 } });
  await server.query("SELECT set_config('work_mem', '99MB', false)");
  const plain = await startServer(t, { database: { ...database, statement_timeout: 5432 } });
  const { rows } = await plain.rows("SELECT current_setting('work_mem'), current_setting('statement_timeout')");
  assert.deepEqual(rows, [['4MB', '5432ms']]);
});

test('the settings of the transaction do not show in the answer', { skip }, async (t) => {
  const server = await startServer(t, { database });
  assert.equal(textOf(await server.query('SELECT 1 AS one')), 'one\n1\n(1 row)');
});

test('the schema is read and SQL errors are mapped as without a pooler', { skip }, async (t) => {
  const server = await startServer(t, { database });
  assert.match(textOf(await server.call('get_database_schema', {})), /customers/);
  const { error } = (await server.query('SELECT *\nFROM custmers')).structuredContent;
  assert.deepEqual([error.sqlstate, error.line, error.column], ['42P01', 2, 6]);
});

test('cancellation and the timeout reach the statement through the pooler', { skip }, async (t) => {
  const server = await startServer(t, { database: { ...database, lock_timeout: 60_000, statement_timeout: 500 } });
  const gate = await postgres.closeGate(t);
  const start = performance.now();
  const timedOut = await server.query('SELECT * FROM gate');
  assert.equal(timedOut.structuredContent.error.sqlstate, '57014');
  assert.ok(performance.now() - start < limit(5000));

  const cancelled = server.query('SELECT * FROM gate', { max_rows: 1 }).catch(() => {});
  await postgres.untilRunning(1);
  server.endInput();
  await postgres.untilRunning(0);
  await gate.open();
  await Promise.all([cancelled, server.exited]);
});
