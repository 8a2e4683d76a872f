// Behind nginx with the recipe of dist/nginx.conf: events come as they are told, hanging up cancels.

import assert from 'node:assert/strict';
import { request } from 'node:https';
import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import test from 'node:test';
import { BOTH, eventsOf, readAnswer } from './lib/http.mjs';
import { hasNginx, startNginx } from './lib/nginx.mjs';
import { startPostgres } from './lib/postgres.mjs';
import { MODERN, MODERN_META, Transcript } from './lib/protocol.mjs';
import { curl, serve } from './lib/serve.mjs';
import { limit } from './lib/server.mjs';

const skip = !hasNginx && 'nginx is not installed';
const postgres = !skip && await startPostgres();
const database = !skip && { ...postgres.config, lock_timeout: 60_000 };
const TOKEN = 'alice-0123456789abcdef';

/** A server with a token behind nginx, and how to send it requests there. */
const startBehind = async (t, { mcp, settings } = {}) => {
  const server = await serve(t, { database, mcp: { tokens: { alice: TOKEN }, ...mcp } });
  const { port, certificate } = await startNginx(t, server, settings);
  const post = (body, headers = {}) => new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, servername: 'localhost', ca: readFileSync(certificate),
      path: '/mcp', method: 'POST', agent: false, headers: { 'host': 'mcp.example.com', 'accept': BOTH,
        'content-type': 'application/json', 'authorization': `Bearer ${TOKEN}`, ...headers } }, (answer) => {
      answer.on('error', () => {});
      resolve({ status: answer.statusCode, headers: new Headers(answer.headers), body: Readable.toWeb(answer),
        text: async () => (await answer.toArray()).join(''), hangUp: () => sent.destroy() });
    }).on('error', reject);
    sent.end(JSON.stringify(body));
    post.hangUp = () => sent.destroy();
  });
  const callOf = (query, meta) => ({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: {
    name: 'execute_sql_query', arguments: { query }, _meta: { ...MODERN_META, ...meta } } });
  const call = (query, meta) => post(callOf(query, meta),
    { 'mcp-protocol-version': MODERN, 'mcp-method': 'tools/call', 'mcp-name': 'execute_sql_query' });
  const rows = async (query) => {
    const transcript = new Transcript();
    transcript.sent(JSON.stringify(callOf(query)));
    return (await readAnswer(await call(query), transcript)).result.structuredContent.rows;
  };
  return { server, port, certificate, post, call, rows };
};

test('both eras work through it, and the token is asked for', { skip }, async (t) => {
  const { rows, post, port, certificate } = await startBehind(t);
  assert.deepEqual(await rows('SELECT 1'), [[1]]);
  const initialize = { jsonrpc: '2.0', id: 1, method: 'initialize', params: {
    protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } } };
  assert.match((await post(initialize)).headers.get('mcp-session-id'), /^\w{32}$/);
  const refused = await post(initialize, { authorization: 'Bearer wrong' });
  assert.deepEqual([refused.status, /invalid_token/.test(refused.headers.get('www-authenticate'))], [401, true]);
  assert.match(await curl('--resolve', `mcp.example.com:${port}:127.0.0.1`, '--insecure', '--cacert', certificate,
    '-H', 'Content-Type: application/json', '-H', `Authorization: Bearer ${TOKEN}`, '-d', JSON.stringify(initialize),
    `https://mcp.example.com:${port}/mcp`), /protocolVersion/);
});

test('progress comes event by event while the statement runs', { skip }, async (t) => {
  const { call } = await startBehind(t);
  const gate = await postgres.closeGate(t);
  const response = await call('SELECT 7 FROM gate RIGHT JOIN (SELECT) AS one ON true', { progressToken: 'p' });
  assert.equal(response.headers.get('content-type'), 'text/event-stream');
  const events = eventsOf(response);
  const at = [];
  for (const told of [1, 2, 3]) {
    const { value } = await events.next();
    assert.equal(value.message.method, 'notifications/progress', `event ${told}`);
    at.push(performance.now());
  }
  await postgres.untilRunning(1);
  await gate.open();
  let last;
  for await (const event of events) {
    last = event;
  }
  assert.deepEqual(last.message.result.structuredContent.rows, [[7]]);
  t.diagnostic(`figure: events ${(at[2] - at[1]).toFixed(0)} ms apart`);
  assert.ok(at[2] - at[1] > 500, 'they did not come all at once');
});

test('a client that hangs up has its statement cancelled', { skip }, async (t) => {
  const { call, post } = await startBehind(t);
  await postgres.closeGate(t);
  const times = [];
  for (const meta of [{}, { progressToken: 'p' }, {}]) {
    const answer = call('SELECT * FROM gate', meta).catch(() => {});
    await postgres.untilRunning(1);
    if (meta.progressToken) {
      await answer;
    }
    const start = performance.now();
    post.hangUp();
    await postgres.untilRunning(0);
    times.push(performance.now() - start);
  }
  t.diagnostic(`figure: cancelled after ${times.map((ms) => ms.toFixed(0)).join(', ')} ms`);
  assert.ok(Math.min(...times) < limit(100), `${times} ms`);
});

test('a quiet stream outlives the timeout of the proxy', { skip }, async (t) => {
  const { rows } = await startBehind(t, { mcp: { stream_after: 100, keepalive: 300 }, settings: { proxy_read_timeout: '1s' } });
  const gate = await postgres.closeGate(t);
  setTimeout(() => gate.open(), 2500);
  assert.deepEqual(await rows('SELECT 7 FROM gate RIGHT JOIN (SELECT) AS one ON true'), [[7]]);
});

test('connections to the server are used again', { skip }, async (t) => {
  const { rows, server } = await startBehind(t);
  await rows('SELECT 0');
  const before = server.descriptors();
  for (let i = 0; i < 50; i++) {
    await rows(`SELECT ${i}`);
  }
  assert.ok(server.descriptors() <= before + 1, `${before} became ${server.descriptors()}`);
});
