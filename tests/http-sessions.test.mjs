// Streamable HTTP up to 2025-11-25: sessions that outlive connections.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'node:test';
import { eventsOf, readAnswer, startHttp } from './lib/http.mjs';
import { startPostgres } from './lib/postgres.mjs';
import { LEGACY } from './lib/protocol.mjs';
import { textOf } from './lib/server.mjs';

const postgres = await startPostgres();
const database = { ...postgres.config, lock_timeout: 60_000 };

const initialize = { jsonrpc: '2.0', id: 1, method: 'initialize', params: {
  protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } } };
const ping = { jsonrpc: '2.0', id: 2, method: 'ping' };

const status = async (response) => {
  const { status: number, error } = await readAnswer(response);
  return [number, error?.code];
};

for (const version of LEGACY) {
  test(`a session of ${version}`, async (t) => {
    const server = await startHttp(t, { database });
    const session = await server.initialize(version);
    assert.match(session.id, /^[0-9a-f]{32}$/);
    assert.equal(session.version, version);
    assert.deepEqual((await session.request('ping')).result, {});
    assert.match(textOf((await session.query('SELECT name FROM customers')).result), /Ada/);
    assert.equal((await session.delete()).status, 204);
    assert.deepEqual(await status(await session.sendRequest('ping')), [404, -32001]);
    assert.equal((await session.delete()).status, 404);
    assert.equal((await session.openStream()).status, 404);
  });
}

test('what does not belong to a session is refused', async (t) => {
  const server = await startHttp(t);
  const session = await server.initialize();
  const cases = {
    'no Mcp-Session-Id': [ping, {}, 400, -32600],
    'an unknown one': [ping, { 'mcp-session-id': 'f'.repeat(32) }, 404, -32001],
    'an unknown revision': [ping, { 'mcp-session-id': session.id, 'mcp-protocol-version': '1999-01-01' }, 400, -32600],
    'initialize for the modern era':
      [initialize, { 'mcp-protocol-version': '2026-07-28' }, 400, undefined],
    'a notification without a session':
      [{ jsonrpc: '2.0', method: 'notifications/initialized' }, {}, 400, -32600],
  };
  for (const [name, [body, headers, number, code]] of Object.entries(cases)) {
    await t.test(name, async () => {
      const answer = await readAnswer(await server.post(body, { headers }));
      assert.equal(answer.status, number, JSON.stringify(answer.message));
      assert.ok(code === undefined || answer.error.code === code);
    });
  }
  await t.test('MCP-Protocol-Version may be missing', async () => {
    assert.equal((await server.post(ping, { headers: { 'mcp-session-id': session.id } })).status, 200);
  });
  await t.test('initialize that fails makes no session', async () => {
    const answer = await server.post({ ...initialize, params: {} });
    assert.equal(answer.headers.get('mcp-session-id'), null);
    await answer.text();
  });
  await t.test('DELETE and GET without one', async () => {
    assert.equal((await fetch(server.url, { method: 'DELETE' })).status, 400);
    const get = await fetch(server.url, { headers: { accept: 'text/event-stream' } });
    assert.deepEqual([get.status, get.headers.get('allow')], [405, 'POST']);
  });
});

test('sessions are as many as they should be different', async (t) => {
  const server = await startHttp(t);
  const ids = await Promise.all(Array.from({ length: 50 }, async () => (await server.initialize()).id));
  assert.equal(new Set(ids).size, 50);
});

test('notifications and responses get 202', async (t) => {
  const server = await startHttp(t);
  const session = await server.initialize();
  const notified = await session.notify('notifications/progress', { progressToken: 1, progress: 1 });
  assert.deepEqual([notified.status, await notified.text()], [202, '']);
  assert.equal((await session.send({ jsonrpc: '2.0', id: 77, result: {} })).status, 202);
});

test('batches, which only 2025-03-26 has', async (t) => {
  const server = await startHttp(t);
  const old = await server.initialize('2025-03-26');
  const response = await old.send([ping, { ...ping, id: 3 }, { jsonrpc: '2.0', method: 'notifications/progress' }]);
  assert.deepEqual((await response.json()).map(({ id }) => id), [2, 3]);
  assert.equal((await old.send([{ jsonrpc: '2.0', method: 'notifications/progress' }])).status, 202);
  const later = await server.initialize('2025-11-25');
  assert.deepEqual(await status(await later.send([ping])), [400, -32600]);
});

test('hanging up cancels nothing, notifications/cancelled does', async (t) => {
  const server = await startHttp(t, { database });
  const session = await server.initialize();
  const gate = await postgres.closeGate(t);
  const abort = new AbortController();
  session.sendQuery('SELECT 1 FROM gate', { id: 'call', signal: abort.signal }).catch(() => {});
  await postgres.untilRunning(1);
  abort.abort();
  await sleep(300);
  await postgres.untilRunning(1);
  assert.equal((await session.notify('notifications/cancelled', { requestId: 'call' })).status, 202);
  await postgres.untilRunning(0);
  await gate.open();
  assert.ok(!(await session.query('SELECT 1')).result.isError);
});

test('a request that another message cancels is not answered, but its connection is free again', async (t) => {
  const server = await startHttp(t, { database, mcp: { stream_after: 100 } });
  const session = await server.initialize();
  const gate = await postgres.closeGate(t);
  for (const accept of ['application/json, text/event-stream', 'application/json']) {
    const call = session.request('tools/call', { name: 'execute_sql_query', arguments: { query: 'SELECT 1 FROM gate' } },
      { id: accept, headers: { accept } });
    await postgres.untilRunning(1);
    await sleep(200);
    await session.notify('notifications/cancelled', { requestId: accept });
    const { status: number, message } = await call;
    assert.deepEqual([number, message], [accept.includes('event') ? 200 : 202, undefined]);
  }
  await gate.open();
});

test('calls of a session end with it', async (t) => {
  const server = await startHttp(t, { database });
  const session = await server.initialize();
  const gate = await postgres.closeGate(t);
  const calls = ['one', 'two'].map((id) => session.sendQuery('SELECT 1 FROM gate', { id }));
  await postgres.untilRunning(2);
  assert.equal((await session.delete()).status, 204);
  await postgres.untilRunning(0);
  for (const call of calls) {
    assert.deepEqual(await status(await call), [404, -32001]);
  }
  await gate.open();
});

test('progress of a call comes on the stream of its POST', async (t) => {
  const server = await startHttp(t, { database });
  const session = await server.initialize();
  const stream = await session.openStream();
  const gate = await postgres.closeGate(t);
  setTimeout(() => gate.open(), 2500);
  const answer = await session.request('tools/call', {
    name: 'execute_sql_query', arguments: { query: 'SELECT 1 FROM gate' }, _meta: { progressToken: 7 } });
  assert.equal(answer.headers.get('content-type'), 'text/event-stream');
  assert.ok(answer.messages.length >= 1);
  assert.ok(answer.messages.every(({ params }) => params.progressToken === 7));
  await session.delete();
  for await (const { message } of eventsOf(stream)) {
    assert.equal(message, undefined);
  }
});

test('GET opens the one stream of a session', async (t) => {
  const server = await startHttp(t, { mcp: { keepalive: 100 } });
  const session = await server.initialize();
  const abort = new AbortController();
  const stream = await session.openStream({ signal: abort.signal });
  assert.equal(stream.status, 200);
  assert.equal(stream.headers.get('content-type'), 'text/event-stream');
  assert.equal((await session.openStream()).status, 409);
  assert.equal((await session.openStream({ headers: { accept: 'application/json' } })).status, 406);
  let comments = 0;
  for await (const { comment } of eventsOf(stream)) {
    assert.equal(comment, 'keep-alive');
    if (++comments === 3) {
      break; // closes it
    }
  }
  let again;
  do {
    again = await session.openStream();
  } while (again.status === 409);
  assert.equal(again.status, 200);
  assert.equal((await session.delete()).status, 204);
  for await (const { message } of eventsOf(again)) {
    assert.equal(message, undefined); // it ends with the session
  }
});

test('changes of a resource that a session subscribed to come on its stream', async (t) => {
  const server = await startHttp(t, { database });
  const session = await server.initialize();
  const stream = await session.openStream();
  const uri = 'postgres://shop/public/customers';
  assert.deepEqual((await session.request('resources/subscribe', { uri })).result, {});
  const changing = setInterval(() => postgres.sql(`COMMENT ON TABLE customers IS '${Math.random()}'`), 500);
  for await (const { message } of eventsOf(stream)) {
    if (message?.method === 'notifications/resources/updated') {
      assert.equal(message.params.uri, uri);
      break; // closes it
    }
  }
  clearInterval(changing);
});

test('a session that nobody uses ends, one in use does not', async (t) => {
  const server = await startHttp(t, { database, mcp: { session_timeout: 1000 } });
  const [idle, streaming, calling] = [await server.initialize(), await server.initialize(), await server.initialize()];
  const stream = await streaming.openStream();
  const gate = await postgres.closeGate(t);
  const call = calling.query('SELECT count(*) FROM gate');
  await sleep(1600);
  assert.equal((await idle.sendRequest('ping')).status, 404);
  assert.equal((await streaming.sendRequest('ping')).status, 200);
  assert.equal((await calling.sendRequest('ping')).status, 200);
  await gate.open();
  assert.ok(!(await call).result.isError);
  await stream.body.cancel();
});

test('the longest idle session makes room for a new one', async (t) => {
  const server = await startHttp(t, { database, mcp: { max_sessions: 3 } });
  const [first, second, third] = [await server.initialize(), await server.initialize(), await server.initialize()];
  assert.equal((await first.sendRequest('ping')).status, 200); // now second has been idle for longest
  const fourth = await server.initialize();
  assert.equal((await second.sendRequest('ping')).status, 404);
  const streams = await Promise.all([first, third, fourth].map((session) => session.openStream()));
  const refused = await server.post(initialize);
  assert.equal(refused.status, 503);
  assert.match((await refused.json()).error.message, /mcp\.max_sessions/);
  for (const stream of streams) {
    await stream.body.cancel();
  }
});

test('a session belongs to the token that made it', async (t) => {
  const tokens = { alice: 'a'.repeat(32), bob: 'b'.repeat(32) };
  const server = await startHttp(t, { mcp: { tokens } });
  const headers = { authorization: `Bearer ${tokens.alice}` };
  const session = await server.initialize('2025-11-25', { headers });
  assert.equal((await session.sendRequest('ping')).status, 200);
  const thief = { headers: { authorization: `Bearer ${tokens.bob}` } };
  assert.deepEqual(await status(await session.sendRequest('ping', undefined, thief)), [404, -32001]);
  assert.equal((await session.openStream(thief)).status, 404);
  assert.equal((await session.fetch('DELETE', thief)).status, 404);
  assert.equal((await session.sendRequest('ping')).status, 200);
});
