// SIGTERM: what runs is finished, what waits is told, what is new is sent away.

import assert from 'node:assert/strict';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { HANGS, startFakeModel } from './lib/fake-model.mjs';
import { eventsOf, startHttp } from './lib/http.mjs';
import { startPostgres } from './lib/postgres.mjs';
import { limit } from './lib/server.mjs';

const postgres = await startPostgres();
const database = { ...postgres.config, lock_timeout: 60_000 };

test('calls in flight are answered, streams end well, newcomers find nobody', async (t) => {
  const server = await startHttp(t, { database });
  const session = await server.initialize();
  const stream = await session.openStream();
  const gate = await postgres.closeGate(t);
  const calls = [server.query('SELECT count(*) FROM gate'), session.query('SELECT count(*) FROM gate')];
  await postgres.untilRunning(2);
  server.kill('SIGTERM');
  for await (const { message } of eventsOf(stream)) {
    assert.equal(message, undefined);
  }
  await assert.rejects(fetch(new URL('/healthz', server.url)));
  await gate.open();
  for (const { status, result } of await Promise.all(calls)) {
    assert.equal(status, 200);
    assert.ok(!result.isError);
  }
  assert.equal((await server.exited).code, 0);
});

test('mcp.drain_timeout bounds the patience', async (t) => {
  const server = await startHttp(t, { database, mcp: { drain_timeout: 300 } });
  const gate = await postgres.closeGate(t);
  const call = server.sendQuery('SELECT count(*) FROM gate');
  await postgres.untilRunning(1);
  const start = performance.now();
  server.kill('SIGTERM');
  assert.equal((await call).status, 503);
  const { code, at } = await server.exited;
  assert.equal(code, 0);
  assert.ok(at - start >= 290 && at - start < limit(5000), `${at - start} ms`);
  assert.match(server.stderr, /warning: stopping: 1 call is canceled, mcp\.drain_timeout is over/);
  await postgres.untilRunning(0);
  await gate.open();
});

test('a second signal ends at once, whatever the calls wait for', async (t) => {
  const model = await startFakeModel(t, [HANGS]);
  const server = await startHttp(t, { database, llm: model.llm });
  const gate = await postgres.closeGate(t);
  server.sendQuery('SELECT count(*) FROM gate').catch(() => {});
  server.sendModern('tools/call', { name: 'natural_language_to_sql', arguments: { question: 'Who?' } }).catch(() => {});
  await postgres.untilRunning(1);
  const until = async (holds) => {
    while (!holds()) {
      await sleep(10);
    }
  };
  await until(() => model.requests.length > 0);
  server.kill('SIGTERM');
  await until(() => /info: stopping: 2 calls are left, for at most 20\.0 s; a second signal cancels/.test(server.stderr));
  const start = performance.now();
  server.kill('SIGINT');
  const { code, at } = await server.exited;
  assert.equal(code, 0);
  assert.ok(at - start < limit(5000), `${at - start} ms`);
  assert.match(server.stderr, /warning: stopping: 2 calls are canceled, as a second signal asks for/);
  await postgres.untilRunning(0);
  await gate.open();
});

test('an idle server ends at once', async (t) => {
  const server = await startHttp(t);
  await server.initialize();
  const start = performance.now();
  server.kill('SIGTERM');
  const { at } = await server.exited;
  assert.ok(at - start < limit(5000), `${at - start} ms`);
});
