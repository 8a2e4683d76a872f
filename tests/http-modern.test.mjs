// Streamable HTTP as 2026-07-28 has it: every POST stands for itself.

import assert from 'node:assert/strict';
import { connect } from 'node:net';
import test from 'node:test';
import { eventsOf, readAnswer, startHttp } from './lib/http.mjs';
import { startPostgres } from './lib/postgres.mjs';
import { MODERN, MODERN_META, VERSION_KEY } from './lib/protocol.mjs';
import { limit, textOf } from './lib/server.mjs';

const postgres = await startPostgres();
const database = { ...postgres.config, lock_timeout: 60_000 };

test('a request is answered with JSON', async (t) => {
  const server = await startHttp(t, { database });
  const { status, headers, result } = await server.query('SELECT name FROM customers ORDER BY id');
  assert.equal(status, 200);
  assert.equal(headers.get('content-type'), 'application/json');
  assert.equal(headers.get('mcp-session-id'), null);
  assert.deepEqual(result.structuredContent.rows, [['Ada'], ['Bob']]);
  assert.deepEqual((await server.modern('server/discover')).result.supportedVersions, [MODERN]);
  assert.ok((await server.modern('tools/list')).result.tools.length >= 2);
});

test('refusals have the status and code of the specification', async (t) => {
  const server = await startHttp(t);
  const list = { jsonrpc: '2.0', id: 'x', method: 'tools/list', params: { _meta: MODERN_META } };
  const names = { 'mcp-protocol-version': MODERN, 'mcp-method': 'tools/list' };
  const cases = {
    'no JSON': ['{', names, 400, -32700],
    'no request': ['{"jsonrpc":"2.0"}', names, 400, -32600],
    'an empty body': ['', names, 400, -32700],
    'no _meta': [{ ...list, params: {} }, names, 400, -32602],
    'Mcp-Method missing': [list, { 'mcp-protocol-version': MODERN }, 400, -32020],
    'Mcp-Method of something else': [list, { ...names, 'mcp-method': 'ping' }, 400, -32020],
    'MCP-Protocol-Version missing': [list, { 'mcp-method': 'tools/list' }, 400, -32020],
    'another MCP-Protocol-Version': [list, { ...names, 'mcp-protocol-version': '2025-11-25' }, 400, -32020],
    'an unknown version': [
      { ...list, params: { _meta: { ...MODERN_META, [VERSION_KEY]: 'v999.0.0' } } },
      { ...names, 'mcp-protocol-version': 'v999.0.0' }, 400, -32022],
    'an unknown method': [{ ...list, method: 'x/y' }, { ...names, 'mcp-method': 'x/y' }, 404, -32601],
    'initialize': [{ ...list, method: 'initialize' }, { ...names, 'mcp-method': 'initialize' }, 404, -32601],
  };
  for (const [name, [body, headers, status, code]] of Object.entries(cases)) {
    await t.test(name, async () => {
      const answer = await readAnswer(await server.post(body, { headers }));
      assert.deepEqual([answer.status, answer.error.code], [status, code], answer.error.message);
    });
  }
  await t.test('the id comes back', async () => {
    const { message } = await readAnswer(await server.post({ ...list, method: 'x/y' },
      { headers: { ...names, 'mcp-method': 'x/y' } }));
    assert.equal(message.id, 'x');
  });
  await t.test('a header that comes twice', async () => {
    const body = JSON.stringify(list);
    const text = await server.raw(`POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n` +
      `MCP-Protocol-Version: ${MODERN}\r\nMcp-Method: tools/list\r\nMcp-Method: tools/list\r\n` +
      `Connection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    assert.match(text, /^HTTP\/1.1 400 .*-32020/s);
  });
});

test('a notification gets 202 and nothing else', async (t) => {
  const server = await startHttp(t);
  const { status, message } = await readAnswer(await server.post(
    { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1, _meta: MODERN_META } },
    { headers: { 'mcp-protocol-version': MODERN } }));
  assert.deepEqual([status, message], [202, undefined]);
});

test('methods, types and paths that are not served', async (t) => {
  const server = await startHttp(t);
  for (const method of ['GET', 'DELETE', 'PUT']) {
    const response = await fetch(server.url, { method, headers: { 'mcp-protocol-version': MODERN } });
    assert.equal(response.status, 405);
    assert.match(response.headers.get('allow'), /POST/);
    assert.equal((await response.json()).error.code, -32600);
  }
  assert.equal((await server.post('{}', { headers: { 'content-type': 'text/plain' } })).status, 415);
  assert.equal((await server.sendModern('tools/list', {}, { headers: { accept: 'text/html' } })).status, 406);
  assert.equal((await server.sendModern('subscriptions/listen', { notifications: {} },
    { headers: { accept: 'application/json' } })).status, 406);
  const elsewhere = await fetch(new URL('/', server.url), { method: 'POST' });
  assert.equal(elsewhere.status, 404);
  assert.match((await elsewhere.json()).error.message, /\/mcp/);
  const long = await server.post(`"${'x'.repeat(2 << 20)}"`).catch(() => ({ status: 413 }));
  assert.equal(long.status, 413);
});

test('Accept decides between JSON and events', async (t) => {
  const server = await startHttp(t);
  for (const [accept, type] of [['application/json', 'application/json'], ['*/*', 'application/json'],
    ['text/event-stream', 'text/event-stream'], ['text/*;q=0.5', 'text/event-stream'],
    ['application/json, text/event-stream', 'application/json']]) {
    const answer = await server.modern('tools/list', {}, { headers: { accept } });
    assert.equal(answer.headers.get('content-type'), type, accept);
    assert.ok(answer.result.tools.length >= 2);
  }
});

test('a Mcp-Session-Id means nothing', async (t) => {
  const server = await startHttp(t);
  const { status, headers } = await server.modern('tools/list', {}, { headers: { 'mcp-session-id': 'nobody' } });
  assert.equal(status, 200);
  assert.equal(headers.get('mcp-session-id'), null);
});

test('progress comes as it happens, on a stream that ends with the answer', async (t) => {
  const server = await startHttp(t, { database });
  const gate = await postgres.closeGate(t);
  const response = await server.sendQuery('SELECT count(*) FROM gate', { meta: { progressToken: 'p' } });
  assert.equal(response.headers.get('content-type'), 'text/event-stream');
  assert.equal(response.headers.get('cache-control'), 'no-cache, no-transform');
  assert.equal(response.headers.get('x-accel-buffering'), 'no');
  const messages = [];
  for await (const { message } of eventsOf(response)) {
    messages.push(message);
    if (messages.length === 2) {
      await gate.open();
    }
  }
  const answer = messages.pop();
  assert.ok(!answer.result.isError, textOf(answer.result));
  assert.deepEqual([...new Set(messages.map(({ method }) => method))], ['notifications/progress']);
  assert.ok(messages.every(({ params }, i) => i === 0 || params.progress > messages[i - 1].params.progress));
});

test('who takes no events gets the answer alone', async (t) => {
  const server = await startHttp(t, { database, mcp: { stream_after: 100 } });
  const gate = await postgres.closeGate(t);
  setTimeout(() => gate.open(), 1500);
  const answer = await server.query('SELECT count(*) FROM gate',
    { meta: { progressToken: 'p' }, headers: { accept: 'application/json' } });
  assert.equal(answer.headers.get('content-type'), 'application/json');
  assert.deepEqual(answer.messages, []);
  assert.ok(!answer.result.isError);
});

test('a long call gets a stream, and the stream comments', async (t) => {
  const server = await startHttp(t, { database, mcp: { stream_after: 100, keepalive: 100 } });
  const gate = await postgres.closeGate(t);
  const start = performance.now();
  const response = await server.sendQuery('SELECT count(*) FROM gate');
  const begun = performance.now() - start;
  assert.ok(begun >= 95 && begun < limit(3000), `begun after ${begun} ms`);
  const comments = [];
  for await (const { comment, message } of eventsOf(response)) {
    comments.push(comment);
    if (comments.length === 4) {
      await gate.open();
    }
    if (message) {
      assert.ok(!message.result.isError);
    }
  }
  assert.ok(comments.length >= 5);
});

for (const [name, options] of [['before the answer has begun', {}],
  ['in the middle of a stream', { stream_after: 50 }]]) {
  test(`a client that hangs up ${name} cancels its statement`, async (t) => {
    const server = await startHttp(t, { database, mcp: options });
    const gate = await postgres.closeGate(t);
    const times = [];
    for (let i = 0; i < 3; i++) {
      const abort = new AbortController();
      const answer = server.sendQuery('SELECT count(*) FROM gate', { signal: abort.signal });
      answer.catch(() => {});
      await postgres.untilRunning(1);
      if (options.stream_after) {
        await answer;
      }
      const start = performance.now();
      abort.abort();
      await postgres.untilRunning(0);
      times.push(performance.now() - start);
    }
    await gate.open();
    t.diagnostic(`figure: disconnect to cancelled statement ${times.map((ms) => ms.toFixed(0)).join(', ')} ms`);
    assert.ok(Math.min(...times) < limit(100), `${times} ms`);
    assert.deepEqual((await server.query('SELECT 1')).result.structuredContent.rows, [[1]]);
  });
}

test('one client that hangs up does not disturb another', async (t) => {
  const server = await startHttp(t, { database });
  const gate = await postgres.closeGate(t);
  const abort = new AbortController();
  server.sendQuery('SELECT 1 FROM gate', { signal: abort.signal }).catch(() => {});
  const kept = server.query('SELECT count(*) FROM gate');
  await postgres.untilRunning(2);
  abort.abort();
  await postgres.untilRunning(1);
  await gate.open();
  assert.ok(!(await kept).result.isError);
});

test('a listening client hears of the end', async (t) => {
  const server = await startHttp(t);
  const response = await server.sendModern('subscriptions/listen',
    { notifications: { toolsListChanged: true } }, { id: 'listen' });
  const messages = [];
  for await (const { message } of eventsOf(response)) {
    messages.push(message);
    if (messages.length === 1) {
      server.kill('SIGTERM');
    }
  }
  assert.equal(messages[0].method, 'notifications/subscriptions/acknowledged');
  assert.equal(messages[1].id, 'listen');
  assert.equal((await server.exited).code, 0);
});

test('a listening client hears of changes, and goes when it likes', async (t) => {
  const server = await startHttp(t, { database });
  const uri = 'postgres://shop/public/customers';
  const response = await server.sendModern('subscriptions/listen', { notifications: { resourceSubscriptions: [uri] } });
  const changing = setInterval(() => postgres.sql(`COMMENT ON TABLE customers IS '${Math.random()}'`), 500);
  const methods = [];
  for await (const { message } of eventsOf(response)) {
    methods.push(message.method);
    if (methods.length === 2) {
      assert.equal(message.params.uri, uri);
      break; // closes it
    }
  }
  clearInterval(changing);
  assert.deepEqual(methods, ['notifications/subscriptions/acknowledged', 'notifications/resources/updated']);
});

test('keep-alive: requests one after the other on one connection, and pipelined', async (t) => {
  const server = await startHttp(t);
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: { _meta: MODERN_META } });
  const request = (close) => `POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n` +
    `MCP-Protocol-Version: ${MODERN}\r\nMcp-Method: tools/list\r\nContent-Length: ${body.length}\r\n` +
    `${close ? 'Connection: close\r\n' : ''}\r\n${body}`;
  const text = await server.raw(request(false) + request(false) + request(true));
  assert.equal(text.match(/HTTP\/1\.1 200/g).length, 3);
});

test('a client that goes while it sends is forgotten', async (t) => {
  const server = await startHttp(t);
  const before = server.descriptors();
  for (let i = 0; i < 20; i++) {
    await new Promise((resolve) => {
      const socket = connect(server.port, '127.0.0.1', () => {
        socket.write('POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n' +
          'Content-Length: 100\r\n\r\n{"jsonrpc"', () => socket.destroy());
      });
      socket.on('close', resolve);
    });
  }
  assert.equal((await server.modern('tools/list')).status, 200);
  assert.ok(server.descriptors() <= before + 2);
});

test('probes: /healthz and /readyz', async (t) => {
  const server = await startHttp(t, { database });
  const health = await fetch(new URL('/healthz', server.url));
  assert.deepEqual([health.status, await health.text()], [200, 'ok\n']);
  const probes = await Promise.all(Array.from({ length: 20 }, () => fetch(new URL('/readyz', server.url))));
  const texts = await Promise.all(probes.map((response) => response.text()));
  assert.ok(probes.every(({ status }) => status === 200), texts[0]);
  assert.equal(new Set(texts).size, 1);
  assert.equal((await fetch(new URL('/healthz', server.url), { method: 'POST' })).status, 405);
  assert.equal((await fetch(new URL('/healthz', server.url), { method: 'HEAD' })).status, 200);
});
