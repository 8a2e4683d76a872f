// Who may come in over HTTP: hosts, origins, tokens, rates.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { request } from 'node:http';
import path from 'node:path';
import test from 'node:test';
import { readAnswer, startHttp } from './lib/http.mjs';
import { MODERN, MODERN_META } from './lib/protocol.mjs';
import { temporaryDirectory } from './lib/server.mjs';

const TOKENS = { alice: 'alice-0123456789abcdef', bob: 'bob-0123456789abcdef' };
const bearer = (token) => ({ headers: { authorization: `Bearer ${token}` } });

/** A request whose Host can be anything, which fetch() does not allow. */
function statusFor(server, headers, { method = 'POST', target = '/mcp' } = {}) {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: { _meta: MODERN_META } });
  const lines = Object.entries({
    'Host': 'localhost', 'Content-Type': 'application/json', 'MCP-Protocol-Version': MODERN,
    'Mcp-Method': 'tools/list', 'Content-Length': body.length, 'Connection': 'close', ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return server.raw(`${method} ${target} HTTP/1.1\r\n${lines}\r\n${body}`);
}

const codeOf = (text) => Number(text.split(' ')[1]);

test('Host must be a name of this machine', async (t) => {
  const server = await startHttp(t);
  for (const host of ['localhost', 'LOCALHOST:1', '127.0.0.1', '127.9.9.9:80', '[::1]', '[::1]:8765']) {
    assert.equal(codeOf(await statusFor(server, { Host: host })), 200, host);
  }
  for (const host of ['localhost:x', 'user@localhost', '[::1', 'evil.com:localhost', '']) {
    assert.ok([400, 403].includes(codeOf(await statusFor(server, { Host: host }))), host);
  }
  for (const host of ['evil.example.com', 'localhost.evil.com', '127.0.0.1.evil.com', '10.0.0.1', '[::2]', '127.1']) {
    const text = await statusFor(server, { Host: host });
    assert.equal(codeOf(text), 403, host);
    assert.match(text, /"code":-32600/);
    assert.match(text, /mcp\.allowed_hosts/);
  }
  assert.equal(codeOf(await statusFor(server, { Host: 'evil.example.com' }, { method: 'GET', target: '/healthz' })), 200);
  assert.doesNotMatch(
    await statusFor(server, { Host: 'evil.example.com' }, { method: 'GET', target: '/readyz' }), /nonexistent/);
});

test('mcp.allowed_hosts lets further names in', async (t) => {
  const server = await startHttp(t, { mcp: { allowed_hosts: ['db.example.com', 'other.example.com:8443'] } });
  for (const [host, status] of [['db.example.com', 200], ['DB.example.com:99', 200], ['other.example.com:8443', 200],
    ['other.example.com', 403], ['third.example.com', 403]]) {
    assert.equal(codeOf(await statusFor(server, { Host: host })), status, host);
  }
  const open = await startHttp(t, { mcp: { allowed_hosts: ['*'] } });
  assert.equal(codeOf(await statusFor(open, { Host: 'anything' })), 200);
});

test('Origin must be of this machine', async (t) => {
  const server = await startHttp(t, { mcp: { allowed_origins: ['https://app.example.com'] } });
  for (const origin of ['http://localhost', 'http://localhost:3000', 'https://127.0.0.1:1', 'http://[::1]:6274',
    'https://app.example.com']) {
    assert.equal(codeOf(await statusFor(server, { Origin: origin })), 200, origin);
  }
  for (const origin of ['https://evil.example.com', 'null', '', 'http://localhost.evil.com', 'localhost',
    'https://app.example.com.evil.com', 'http://app.example.com', 'https://app.example.com:444',
    'http://localhost/path', 'http://localhost@evil.com', 'file://']) {
    const text = await statusFor(server, { Origin: origin });
    assert.equal(codeOf(text), 403, origin);
    assert.match(text, /mcp\.allowed_origins/);
    assert.doesNotMatch(text, /Access-Control/);
  }
});

test('pages of allowed origins can read the answers (CORS)', async (t) => {
  const server = await startHttp(t, { mcp: { allowed_origins: ['https://app.example.com'], tokens: TOKENS } });
  const preflight = await fetch(server.url, { method: 'OPTIONS', headers: {
    'origin': 'https://app.example.com', 'access-control-request-method': 'POST',
    'access-control-request-headers': 'authorization, mcp-param-region, x-other',
  } });
  assert.equal(preflight.status, 204);
  assert.equal(preflight.headers.get('access-control-allow-origin'), 'https://app.example.com');
  assert.match(preflight.headers.get('access-control-allow-headers'), /Authorization.*mcp-param-region$/);
  assert.match(preflight.headers.get('access-control-allow-methods'), /POST/);
  assert.equal(preflight.headers.get('vary'), 'Origin');
  for (const [token, status] of [[TOKENS.alice, 200], ['wrong', 401]]) {
    const response = await server.sendModern('tools/list', {},
      { headers: { origin: 'https://app.example.com', authorization: `Bearer ${token}` } });
    assert.equal(response.status, status);
    assert.equal(response.headers.get('access-control-allow-origin'), 'https://app.example.com');
    assert.match(response.headers.get('access-control-expose-headers'), /Mcp-Session-Id/);
    await response.text();
  }
  const stranger = await fetch(server.url, { method: 'OPTIONS', headers: { origin: 'https://evil.example.com' } });
  assert.equal(stranger.status, 403);
  assert.equal(stranger.headers.get('access-control-allow-origin'), null);
});

test('tokens', async (t) => {
  const server = await startHttp(t, { mcp: { tokens: TOKENS } });
  assert.equal((await server.modern('tools/list', {}, bearer(TOKENS.alice))).status, 200);
  assert.equal((await server.modern('tools/list', {}, bearer(TOKENS.bob))).status, 200);
  assert.equal((await server.modern('tools/list', {},
    { headers: { authorization: `bearer  ${TOKENS.bob}` } })).status, 200);
  const missing = await server.modern('tools/list');
  assert.deepEqual([missing.status, missing.headers.get('www-authenticate')], [401, 'Bearer realm="pgparley"']);
  for (const authorization of [`Bearer ${TOKENS.alice}x`, `Bearer ${TOKENS.alice.slice(0, -1)}`, 'Bearer ', 'Bearer',
    `Basic ${btoa('alice:x')}`, `Bearer ${'x'.repeat(600)}`, TOKENS.alice]) {
    const { status, headers, error } = await server.modern('tools/list', {}, { headers: { authorization } });
    assert.equal(status, 401, authorization);
    assert.equal(headers.get('www-authenticate'), 'Bearer realm="pgparley", error="invalid_token"');
    assert.doesNotMatch(error.message, /0123456789abcdef/);
  }
  const twice = await statusFor(server, { 'Authorization': `Bearer ${TOKENS.alice}`,
    'authorization': `Bearer ${TOKENS.bob}` });
  assert.equal(codeOf(twice), 401);
  for (const method of ['GET', 'DELETE']) {
    assert.equal((await fetch(server.url, { method, headers: { 'mcp-session-id': 'x' } })).status, 401);
  }
  assert.equal((await fetch(new URL('/healthz', server.url))).status, 200);
  assert.equal(await (await fetch(new URL('/readyz', server.url))).text(), 'not ready\n');
  assert.match(await (await fetch(new URL('/readyz', server.url), bearer(TOKENS.alice))).text(), /nonexistent/);
  assert.doesNotMatch(server.stderr, /0123456789abcdef/);
});

test('a stranger is refused before the body is read', async (t) => {
  const server = await startHttp(t, { mcp: { tokens: TOKENS } });
  const text = await server.raw('POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n' +
    'Expect: 100-continue\r\nContent-Length: 1000\r\n\r\n');
  assert.equal(codeOf(text), 401);
});

test('a rate for each principal', async (t) => {
  const server = await startHttp(t, { mcp: { tokens: TOKENS, rate_limit: 60, rate_burst: 5 } });
  const statuses = await Promise.all(Array.from({ length: 8 }, async () =>
    (await server.modern('tools/list', {}, bearer(TOKENS.alice))).status));
  assert.deepEqual(statuses.sort(), [200, 200, 200, 200, 200, 429, 429, 429]);
  const refused = await server.modern('tools/list', {}, bearer(TOKENS.alice));
  assert.equal(refused.status, 429);
  assert.equal(refused.headers.get('retry-after'), '1');
  assert.match(refused.error.message, /mcp\.rate_limit/);
  assert.equal((await server.modern('tools/list', {}, bearer(TOKENS.bob))).status, 200);
  await new Promise((resolve) => setTimeout(resolve, 1100));
  assert.equal((await server.modern('tools/list', {}, bearer(TOKENS.alice))).status, 200);
});

test('refusals are told to the operator, not one line each', async (t) => {
  const server = await startHttp(t);
  for (let i = 0; i < 50; i++) {
    await statusFor(server, { Host: 'evil.example.com' });
  }
  assert.equal(server.stderr.match(/evil\.example\.com/g).length, 1, server.stderr);
});

test('a Unix socket has no Host to speak of', async (t) => {
  const socketPath = path.join(await temporaryDirectory(t), 'mcp.sock');
  const server = await startHttp(t, { listen: `unix:${socketPath}` });
  assert.ok(existsSync(socketPath));
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: { _meta: MODERN_META } });
  const response = await new Promise((resolve, reject) => request({ socketPath, path: '/mcp', method: 'POST', headers: {
    'host': 'whatever', 'content-type': 'application/json', 'mcp-protocol-version': MODERN, 'mcp-method': 'tools/list',
  } }, resolve).on('error', reject).end(body));
  assert.equal(response.statusCode, 200);
  response.resume();
  assert.ok(server.pid);
});

test('initialize passes the same doors', async (t) => {
  const server = await startHttp(t, { mcp: { tokens: TOKENS } });
  const { status } = await readAnswer(await server.post({ jsonrpc: '2.0', id: 1, method: 'initialize', params: {} }));
  assert.equal(status, 401);
});
