// The HTTP server by itself (build/http-echo): malformed requests as raw bytes, limits, deadlines,
// clients that go or never read, TLS.

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { copyFile, stat, writeFile } from 'node:fs/promises';
import http from 'node:http';
import net from 'node:net';
import { networkInterfaces } from 'node:os';
import path from 'node:path';
import test from 'node:test';
import tls from 'node:tls';
import { onLines } from './lib/lines.mjs';
import { BIN, limit, sanitized, temporaryDirectory } from './lib/server.mjs';
import { assertQuick, timed } from './lib/timed.mjs';

const ECHO = path.join(path.dirname(BIN), 'http-echo');

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Starts http-echo; whatever it is asked for in `options`, it must end well. */
async function startEcho(t, options = {}, before = '') {
  const args = Object.entries(options).map(([name, value]) => `${name}=${value}`);
  const child = spawn('sh', ['-c', `${before} exec "$0" "$@"`, ECHO, ...args],
    { stdio: ['ignore', 'ignore', 'pipe'] });
  const lines = [];
  const exited = once(child, 'exit');
  const port = await new Promise((resolve, reject) => {
    onLines(child.stderr, (line) => {
      lines.push(line);
      if (line.startsWith('listening ')) {
        resolve(Number(line.slice(10)));
      }
    });
    exited.then(() => reject(new Error(lines.join('\n'))));
  });
  t.after(async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
    }
    const force = setTimeout(() => child.kill('SIGKILL'), limit(10_000));
    const [code, signal] = await exited;
    clearTimeout(force);
    assert.deepEqual({ code, signal }, { code: 0, signal: null }, lines.join('\n'));
  });
  const echo = {
    child,
    port,
    lines,
    exited,
    /** Waits until the asking connection is the only one. */
    quiet: async () => {
      let counts;
      await until(async () => {
        counts = await echo.counts();
        return counts.connections === 1 && counts.requests === 1;
      });
      return counts;
    },
    counts: async () => JSON.parse((await request(port, 'GET /counts')).body),
    descriptors: () => readdirSync(`/proc/${child.pid}/fd`).length,
    residentKiB: () =>
      Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))[1]),
    cpuMs: () => readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(' ').slice(13, 15)
      .reduce((sum, ticks) => sum + Number(ticks) * 10, 0),
  };
  return echo;
}

async function until(condition) {
  const deadline = performance.now() + limit(10_000);
  while (!await condition()) {
    assert.ok(performance.now() < deadline, `never: ${condition}`);
    await sleep(5);
  }
}

/** A connection that collects what it hears. */
function connect(port, options = {}) {
  const socket = options.tls ? tls.connect({ port, host: '127.0.0.1', ...options.tls })
    : net.connect(options.path ? { path: options.path } : { port, host: options.host ?? '127.0.0.1' });
  const connection = { socket, text: '', closed: once(socket, 'close').catch(() => {}) };
  socket.setEncoding('latin1').on('error', () => {});
  socket.on('data', (text) => { connection.text += text; });
  connection.until = async (pattern) => {
    const deadline = performance.now() + limit(10_000);
    while (!pattern.test(connection.text)) {
      assert.ok(performance.now() < deadline && !socket.closed,
        `no ${pattern} in ${JSON.stringify(connection.text)}`);
      await sleep(2);
    }
    return connection.text;
  };
  return connection;
}

/** Sends bytes and returns all that comes until the server closes. */
async function exchange(port, bytes, options) {
  const connection = connect(port, options);
  connection.socket.write(Buffer.from(bytes, 'latin1'));
  const patience = setTimeout(() => connection.socket.destroy(new Error('late')), limit(10_000));
  await connection.closed;
  clearTimeout(patience);
  return connection.text;
}

/** One request whose answer ends the connection. */
async function request(port, line, { headers = '', body, ...options } = {}) {
  const length = body === undefined ? '' : `Content-Length: ${body.length}\r\n`;
  const text = await exchange(port,
    `${line} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${length}${headers}\r\n${body ?? ''}`, options);
  const [head, ...rest] = text.split('\r\n\r\n');
  return { status: Number(head.split(' ')[1]), head, body: rest.join('\r\n\r\n') };
}

const GET = 'GET /echo HTTP/1.1\r\nHost: a\r\n';
const POST = 'POST /echo HTTP/1.1\r\nHost: a\r\n';

const MALFORMED = {
  'Content-Length with Transfer-Encoding':
    `${POST}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  'Transfer-Encoding with Content-Length':
    `${POST}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n`,
  'two different Content-Length': `${POST}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!`,
  'two equal Content-Length': `${POST}Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello`,
  'a list as Content-Length': `${POST}Content-Length: 5, 5\r\n\r\nhello`,
  'a negative Content-Length': `${POST}Content-Length: -5\r\n\r\nhello`,
  'a signed Content-Length': `${POST}Content-Length: +5\r\n\r\nhello`,
  'a hexadecimal Content-Length': `${POST}Content-Length: 0x5\r\n\r\nhello`,
  'an empty Content-Length': `${POST}Content-Length:\r\n\r\nhello`,
  'a Content-Length of words': `${POST}Content-Length: five\r\n\r\nhello`,
  'a Content-Length of 20 digits': `${POST}Content-Length: 00000000000000000005\r\n\r\nhello`,
  'transfer coding gzip': `${POST}Transfer-Encoding: gzip\r\n\r\n0\r\n\r\n`,
  'transfer coding identity': `${POST}Transfer-Encoding: identity\r\n\r\n0\r\n\r\n`,
  'transfer codings gzip, chunked': `${POST}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
  'transfer coding chunked with a parameter': `${POST}Transfer-Encoding: chunked;a=b\r\n\r\n0\r\n\r\n`,
  'transfer coding xchunked': `${POST}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`,
  'transfer coding with vertical tab': `${POST}Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n`,
  'an empty Transfer-Encoding': `${POST}Transfer-Encoding:\r\n\r\n`,
  'two Transfer-Encoding':
    `${POST}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  'Transfer-Encoding in HTTP/1.0':
    'POST /echo HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'a malformed chunk size': `${POST}Transfer-Encoding: chunked\r\n\r\nx\r\n\r\n`,
  'a negative chunk size': `${POST}Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n`,
  'a chunk that is longer than its size': `${POST}Transfer-Encoding: chunked\r\n\r\n2\r\nabcd\r\n0\r\n\r\n`,
  'no Host': 'GET /echo HTTP/1.1\r\n\r\n',
  'no Host in HTTP/1.0': 'GET /echo HTTP/1.0\r\n\r\n',
  'two Host': `${GET}Host: a\r\n\r\n`,
  'a Host with a path': 'GET /echo HTTP/1.1\r\nHost: a/b\r\n\r\n',
  'a Host with a space': 'GET /echo HTTP/1.1\r\nHost: a b\r\n\r\n',
  'a Host with a user': 'GET /echo HTTP/1.1\r\nHost: u@a\r\n\r\n',
  'a Host that is a list': 'GET /echo HTTP/1.1\r\nHost: a, b\r\n\r\n',
  'a space before the colon': `${GET}X-A : b\r\n\r\n`,
  'a tab before the colon': `${GET}X-A\t: b\r\n\r\n`,
  'a space in a name': `${GET}X A: b\r\n\r\n`,
  'a header without a name': `${GET}: b\r\n\r\n`,
  'a header without a colon': `${GET}X-A\r\n\r\n`,
  'a folded header': `${GET}X-A: b\r\n c\r\n\r\n`,
  'a folded header with a tab': `${GET}X-A: b\r\n\tc\r\n\r\n`,
  'a folded header with a colon': `${GET}X-A: b\r\n X-B: c\r\n\r\n`,
  'a fold of blanks alone': `${GET}X-A: b\r\n \r\n\r\n`,
  'a fold before the first header': 'GET /echo HTTP/1.1\r\n X-A: b\r\nHost: a\r\n\r\n',
  'a NUL in a value': `${GET}X-A: b\x00c\r\n\r\n`,
  'a NUL at the end of a value': `${GET}X-A: b\x00\r\n\r\n`,
  'two NULs and a header in a value': `${GET}X-A: b\x00\x00X-B\x00c\r\n\r\n`,
  'two NULs at the end of a value': `${GET}X-A: b\x00\x00\r\n\r\n`,
  'a NUL in a name': `${GET}X-\x00A: b\r\n\r\n`,
  'a NUL in the place of the colon': `${GET}X-A\x00b\r\n\r\n`,
  'a line that begins with NUL': `${GET}X-A: b\r\n\x00X-B: c\r\n\r\n`,
  'a NUL in the target': 'GET /ec\x00ho HTTP/1.1\r\nHost: a\r\n\r\n',
  'a NUL in the method': 'G\x00ET /echo HTTP/1.1\r\nHost: a\r\n\r\n',
  'a NUL in the version': 'GET /echo HTTP/1.1\x00\r\nHost: a\r\n\r\n',
  'a control character in a value': `${GET}X-A: b\x01c\r\n\r\n`,
  'an escape in a value': `${GET}X-A: b\x1b[0m\r\n\r\n`,
  'a DEL in a value': `${GET}X-A: b\x7fc\r\n\r\n`,
  'a bare CR in a value': `${GET}X-A: b\rc\r\n\r\n`,
  'a bare CR as the end of a line': `${GET}X-A: b\rX-B: c\r\n\r\n`,
  'a CR before CR LF': `${GET}X-A: b\r\r\n\r\n`,
  'a control character in a name': `${GET}X-\x01A: b\r\n\r\n`,
  'a letter beyond ASCII in a name': `${GET}X-\xe4: b\r\n\r\n`,
  'bare LF after a header': `${GET}X-A: b\nX-B: c\r\n\r\n`,
  'bare LF after the request line': 'GET /echo HTTP/1.1\nHost: a\r\n\r\n',
  'bare LF as the empty line': `${GET}X-A: b\r\n\n`,
  'bare LF everywhere': 'GET /echo HTTP/1.1\nHost: a\n\n',
  'two spaces after the method': 'GET  /echo HTTP/1.1\r\nHost: a\r\n\r\n',
  'two spaces before the version': 'GET /echo  HTTP/1.1\r\nHost: a\r\n\r\n',
  'a space after the version': 'GET /echo HTTP/1.1 \r\nHost: a\r\n\r\n',
  'a tab in the request line': 'GET\t/echo HTTP/1.1\r\nHost: a\r\n\r\n',
  'a space in the target': 'GET /ec ho HTTP/1.1\r\nHost: a\r\n\r\n',
  'a letter beyond ASCII in the target': 'GET /\xe4 HTTP/1.1\r\nHost: a\r\n\r\n',
  'a fragment in the target': 'GET /echo#a HTTP/1.1\r\nHost: a\r\n\r\n',
  'an absolute target': 'GET http://a/echo HTTP/1.1\r\nHost: a\r\n\r\n',
  'an authority as target': 'CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n',
  'a target without a slash': 'GET echo HTTP/1.1\r\nHost: a\r\n\r\n',
  'an asterisk of GET': 'GET * HTTP/1.1\r\nHost: a\r\n\r\n',
  'a method with a parenthesis': 'G(T /echo HTTP/1.1\r\nHost: a\r\n\r\n',
  'no version': 'GET /echo\r\nHost: a\r\n\r\n',
  'a version in small letters': 'GET /echo http/1.1\r\nHost: a\r\n\r\n',
  'HTTP/1.10': 'GET /echo HTTP/1.10\r\nHost: a\r\n\r\n',
};

/** What libmicrohttpd takes for no request at all from 1.0 on: it closes without an answer. */
const NO_REQUEST = new Set(['a NUL in the target', 'a NUL in the method', 'a NUL in the version',
  'a tab in the request line']);

test('malformed requests get 400 and a closed connection', async (t) => {
  const echo = await startEcho(t);
  for (const [what, bytes] of Object.entries(MALFORMED)) {
    await t.test(what, async () => {
      // What comes behind must not be taken for a request.
      const text = await exchange(echo.port, `${bytes}GET /counts HTTP/1.1\r\nHost: a\r\n\r\n`);
      if (text === '' && NO_REQUEST.has(what)) {
        return;
      }
      assert.match(text, /^HTTP\/1\.1 400 /, what);
      // libmicrohttpd 0.9.75 writes the head twice when it refuses a Content-Length by itself.
      const answers = new Set(text.match(/HTTP\/1\.1 \d+/g));
      assert.deepEqual([...answers], ['HTTP/1.1 400'], text);
      assert.match(text, /^connection: close\r$/im);
    });
  }
  const { begun, ended, gone } = await echo.counts();
  assert.ok(begun <= 4, `${begun} malformed requests reached the handler`); // those with bad chunks
  assert.equal(ended, begun - 1);
  assert.equal(gone, begun - 1);
});

test('other refusals', async (t) => {
  const echo = await startEcho(t);
  for (const [what, bytes, status] of [
    ['HTTP/2.0', 'GET / HTTP/2.0\r\nHost: a\r\n\r\n', 505],
    ['HTTP/1.2', 'GET / HTTP/1.2\r\nHost: a\r\n\r\n', 505],
    ['HTTP/0.9', 'GET / HTTP/0.9\r\nHost: a\r\n\r\n', 505],
    ['a preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 505],
    ['an overflowing Content-Length', `${POST}Content-Length: 99999999999999999999999\r\n\r\n`, 413],
    ['a large Content-Length', `${POST}Content-Length: 9999999999\r\n\r\n`, 413],
    ['an overflowing chunk', `${POST}Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n`, 413],
    ['a large header', `${GET}X-A: ${'a'.repeat(17000)}\r\n\r\n`, 431],
    ['many headers', `${GET}${'X-A: a\r\n'.repeat(4000)}\r\n`, 431],
    ['an endless header', `${GET}X-A: ${'a'.repeat(100000)}`, 431],
    ['an endless target', `GET /${'a'.repeat(100000)}`, 414],
    ['a large target', `GET /${'a'.repeat(17000)} HTTP/1.1\r\nHost: a\r\n\r\n`, 431],
  ]) {
    await t.test(what, async () => {
      const text = await exchange(echo.port, bytes);
      assert.equal(Number(text.split(' ')[1]), status, text.slice(0, 200));
      assert.match(text, /^connection: close\r$/im);
    });
  }
  // libmicrohttpd closes upon a line without a space; nothing is taken for a request at least.
  assert.equal(await exchange(echo.port, 'GARBAGE\r\n\r\n'), '');
});

test('what is well-formed passes', async (t) => {
  const echo = await startEcho(t);
  assert.equal((await request(echo.port, 'OPTIONS *')).status, 404);
  const { body } = await request(echo.port, 'FROB /headers?a=b&c=%20+d??',
    { headers: 'X-A: \t  b c \t\r\nx-a: d\r\nContent-Type:\r\nUser-Agent: gr\xfc\xdf\r\n' });
  assert.equal(body, 'FROB /headers?a=b&c=%20+d?? from 127.0.0.1\nHost=[a] of 1\nX-A=[b c] of 2\n'
    + 'Content-Type=[] of 1\nUser-Agent=[gr\xfc\xdf] of 1\n');
  assert.match((await request(echo.port, 'GET /headers%2F%00')).head, /404/);
  const old = await exchange(echo.port, 'GET /headers HTTP/1.0\r\nHost: a\r\n\r\n');
  assert.match(old, /^HTTP\/1\.1 200 [^]*^Connection: close\r$/m);
  const many = await request(echo.port, 'GET /headers', { headers: 'X-A: a\r\n'.repeat(100) });
  assert.match(many.body, /X-A=\[a\] of 100/);
  assert.match(await exchange(echo.port, `\r\n${GET}Connection: close\r\n\r\n`), /^HTTP\/1\.1 200 /);
  const chunked = await exchange(echo.port,
    `${POST}Transfer-Encoding: Chunked\r\n\r\n3\r\nabc\r\n1\r\nd\r\n0\r\nX-T: a\r\n\r\n`);
  assert.match(chunked, /^HTTP\/1\.1 200 [^]*\r\n\r\nabcd$/);
  // libmicrohttpd 1.0.1 takes the LF behind an extension for data, and so for a broken chunk.
  for (const chunks of ['3;a=b\r\nabc\r\n1\r\nd\r\n0\r\n', '4\r\nabcd\r\n0;a="b"\r\n']) {
    const extended = await exchange(echo.port,
      `${POST}Transfer-Encoding: chunked\r\n\r\n${chunks}\r\nGET /counts HTTP/1.1\r\nHost: a\r\n\r\n`);
    assert.match(extended, /^HTTP\/1\.1 (200 [^]*\r\n\r\nabcd|400 [^]*)$/);
    assert.equal(extended.match(/HTTP\/1\.1 /g).length, 1, extended);
  }
  const head = await request(echo.port, 'HEAD /big?bytes=200000');
  assert.match(head.head, /^Content-Length: 200000$/m);
  assert.equal(head.body, '');
  const empty = await request(echo.port, 'POST /size', { body: '' });
  assert.equal(empty.body, '0\n');
});

test('requests byte by byte', async (t) => {
  const echo = await startEcho(t);
  const connection = connect(echo.port);
  connection.socket.setNoDelay(true);
  for (const byte of `${POST}Content-Length: 3\r\n\r\nabc`) {
    connection.socket.write(byte);
    await sleep(1);
  }
  await connection.until(/\r\n\r\nabc$/);
  connection.socket.destroy();
});

test('keep-alive and pipelining', async (t) => {
  const echo = await startEcho(t);
  const connection = connect(echo.port);
  for (let i = 0; i < 3; i++) {
    connection.text = '';
    connection.socket.write(`${POST}Content-Length: 2\r\n\r\n${i}!`);
    await connection.until(new RegExp(`\r\n\r\n${i}!$`));
  }
  // Answers in order, whatever takes longer; /early is answered before its body is there.
  connection.text = '';
  connection.socket.write('GET /later?ms=50 HTTP/1.1\r\nHost: a\r\n\r\n'
    + `${POST}Content-Length: 3\r\n\r\none`
    + 'GET /ticks?n=2&ms=5 HTTP/1.1\r\nHost: a\r\n\r\n'
    + 'POST /early HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nGET'
    + 'GET /big?bytes=100000 HTTP/1.1\r\nHost: a\r\n\r\n'
    + `${POST}Content-Length: 3\r\nConnection: close\r\n\r\ntwo`);
  await connection.closed;
  const order = connection.text.match(/later\n|one|data: \d|early|x{100000}|two/g).map((x) => x.slice(0, 7));
  assert.deepEqual(order, ['later\n', 'one', 'data: 1', 'data: 0', 'early', 'xxxxxxx', 'two']);
  assert.equal((await echo.counts()).gone, 0);
});

test('an early answer lets the client finish its body, or ends the connection', async (t) => {
  const echo = await startEcho(t, { max_body_bytes: 100000 });
  const early = await request(echo.port, 'POST /early', { body: 'x'.repeat(90000) });
  assert.equal(early.status, 401);
  const large = await request(echo.port, 'POST /echo', { body: 'x'.repeat(300000) });
  assert.equal(large.status, 413);
  assert.equal(large.body, "The request's body is too large.\n");
  const waiting = await request(echo.port, 'POST /early', { headers: 'Expect: 100-continue\r\nContent-Length: 5\r\n' });
  assert.equal(waiting.status, 401);
  const asked = connect(echo.port);
  asked.socket.write(`${POST}Content-Length: 2\r\nExpect: 100-continue\r\n\r\n`);
  await asked.until(/^HTTP\/1\.1 100 Continue\r\n\r\n$/);
  asked.socket.write('ab');
  await asked.until(/HTTP\/1\.1 200 OK[^]*\r\n\r\nab$/);
  asked.socket.destroy();
  const chunk = `${(50000).toString(16)}\r\n${'x'.repeat(50000)}\r\n`;
  const chunked = await exchange(echo.port,
    `${POST}Transfer-Encoding: chunked\r\n\r\n${chunk.repeat(4)}0\r\n\r\n`);
  assert.match(chunked, /^HTTP\/1\.1 413 /);
  const flood = connect(echo.port);
  flood.socket.write(`${POST}Transfer-Encoding: chunked\r\n\r\n${chunk.repeat(40)}`);
  await flood.closed;
});

test('a client that goes is seen at once', async (t) => {
  const echo = await startEcho(t);
  for (const [what, pathname, leave] of [
    ['closes', '/hang', (socket) => socket.destroy()],
    ['resets', '/hang', (socket) => socket.resetAndDestroy()],
    ['half-closes', '/hang', (socket) => socket.end()],
    ['sends more and closes', '/hang', (socket) => { socket.write(GET); socket.end(); }],
    ['leaves a stream', '/ticks?n=1000&ms=1000', (socket) => socket.destroy()],
    ['leaves a flood', '/flood', (socket) => socket.destroy()],
  ]) {
    await t.test(what, timed(async () => {
      const before = (await echo.counts()).gone;
      const connection = connect(echo.port);
      connection.socket.write(`GET ${pathname} HTTP/1.1\r\nHost: a\r\n\r\n`);
      await sleep(50);
      leave(connection.socket);
      const leftAt = performance.now();
      await until(async () => (await echo.counts()).gone > before);
      t.diagnostic(`${what}: noticed after ${(performance.now() - leftAt).toFixed(1)} ms`);
      assertQuick(performance.now() - leftAt, 100);
    }));
  }
  await echo.quiet();
});

test('who left a stream is forgotten, though an older connection stays', async (t) => {
  const echo = await startEcho(t);
  const old = connect(echo.port);
  old.socket.write(`${GET}\r\n`);
  await old.until(/200 OK/);
  for (let i = 0; i < 20; i++) {
    const { socket } = connect(echo.port);
    socket.write('GET /ticks?n=1000&ms=1000 HTTP/1.1\r\nHost: a\r\n\r\n');
    await once(socket, 'data');
    socket.destroy();
  }
  await until(async () => (await echo.counts()).connections <= 2);
  old.socket.destroy();
});

test('a client that half-closes right behind its request gets a direct answer', async (t) => {
  const echo = await startEcho(t);
  const connection = connect(echo.port);
  connection.socket.end(`${POST}Content-Length: 2\r\n\r\nab`);
  await connection.closed;
  assert.match(connection.text, /\r\n\r\nab$/);
});

test('deadlines', async (t) => {
  const echo = await startEcho(t, {
    header_timeout_ms: 200, body_timeout_ms: 300, idle_timeout_ms: 250, write_timeout_ms: 300,
  });
  /** How long the server keeps a connection on which `play` happens. */
  async function lifetime(play) {
    const connection = connect(echo.port);
    await once(connection.socket, 'connect');
    const from = performance.now();
    const drip = play(connection);
    await connection.closed;
    clearInterval(drip);
    return { ms: performance.now() - from, text: connection.text };
  }
  const drip = (socket, text) => setInterval(() => socket.write(text), 20);
  const cases = {
    'a silent client': [() => undefined, 200, /^HTTP\/1\.1 408 [^]*headers/],
    'a request line byte by byte': [({ socket }) => drip(socket, 'a'), 200, /^HTTP\/1\.1 408 /],
    'headers byte by byte': [({ socket }) => {
      socket.write(`${GET}X-A: `);
      return drip(socket, 'a');
    }, 200, /^HTTP\/1\.1 408 [^]*headers/],
    'a body byte by byte': [({ socket }) => {
      socket.write(`${POST}Content-Length: 1000\r\n\r\n`);
      return drip(socket, 'a');
    }, 300, /^HTTP\/1\.1 408 [^]*body/],
    'a chunked body byte by byte': [({ socket }) => {
      socket.write(`${POST}Transfer-Encoding: chunked\r\n\r\n`);
      return drip(socket, '1\r\na\r\n');
    }, 300, /^HTTP\/1\.1 408 [^]*body/],
    'a kept-alive connection': [({ socket }) => { socket.write(`${GET}\r\n`); }, 250, /^HTTP\/1\.1 200 (?![^]*408)/],
  };
  for (const [what, [play, ms, pattern]] of Object.entries(cases)) {
    await t.test(what, async () => {
      const { ms: took, text } = await lifetime(play);
      assert.ok(took >= ms - 20 && took < limit(ms + 3000), `${took} ms`);
      assert.match(text, pattern);
    });
  }
  await t.test('clients that never read', async () => {
    const clients = ['/big?bytes=20000000', '/flood'].map((pathname) => {
      const { socket } = connect(echo.port);
      socket.pause();
      socket.write(`GET ${pathname} HTTP/1.1\r\nHost: a\r\n\r\n`);
      return socket;
    });
    await until(async () => (await echo.counts()).connections === 3);
    await echo.quiet();
    clients.forEach((socket) => socket.destroy());
  });
  await t.test('a client that reads slowly is left alone', async () => {
    const connection = connect(echo.port);
    connection.socket.write('GET /big?bytes=8000000 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    const stutter = setInterval(() => {
      connection.socket.pause();
      setTimeout(() => connection.socket.resume(), 100);
    }, 110);
    await connection.closed;
    clearInterval(stutter);
    assert.equal(connection.text.length - connection.text.indexOf('\r\n\r\n') - 4, 8000000);
  });
  await t.test('a quiet stream and a long call are left alone', async () => {
    const [stream, call] = await Promise.all(
      [request(echo.port, 'GET /ticks?n=2&ms=500'), request(echo.port, 'GET /later?ms=1000')]);
    assert.equal(stream.status, 200);
    assert.equal(call.body, 'later\n');
  });
});

test('caps', async (t) => {
  await t.test('of connections', async (t) => {
    const echo = await startEcho(t, { max_connections: 5 });
    const idle = Array.from({ length: 5 }, () => connect(echo.port));
    await Promise.all(idle.map(({ socket }) => once(socket, 'connect')));
    assert.match(await exchange(echo.port, ''), /^HTTP\/1\.1 503 [^]*too many connections/);
    idle[0].socket.destroy();
    await until(async () => /^HTTP\/1\.1 200 [^]*"connections": *5/.test(
      await exchange(echo.port, 'GET /counts HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')));
    idle.forEach(({ socket }) => socket.destroy());
  });
  await t.test('of connections from an address', async (t) => {
    const echo = await startEcho(t, { max_connections_per_address: 3 });
    const from = (localAddress) => net.connect({ port: echo.port, host: '127.0.0.1', localAddress });
    const idle = Array.from({ length: 3 }, () => from('127.0.0.2'));
    await Promise.all(idle.map((socket) => once(socket, 'connect')));
    const [text] = await once(from('127.0.0.2').setEncoding('latin1'), 'data');
    assert.match(text, /^HTTP\/1\.1 503 [^]*your address/);
    assert.equal((await echo.counts()).connections, 4);
    idle.forEach((socket) => socket.destroy());
    await sleep(50);
    const again = from('127.0.0.2');
    await once(again, 'connect');
    again.destroy();
  });
});

test('connections leave descriptors for others', async (t) => {
  const echo = await startEcho(t, {}, 'ulimit -n 160;');
  const many = Array.from({ length: 32 }, () => connect(echo.port));
  await Promise.all(many.map(({ socket }) => once(socket, 'connect')));
  assert.match(await exchange(echo.port, ''), /^HTTP\/1.1 503 /);
  assert.ok(echo.descriptors() < 60);
  many.forEach(({ socket }) => socket.destroy());
});

test('out of descriptors, others wait in the backlog', timed(async (t) => {
  const echo = await startEcho(t, {}, 'ulimit -n 40;');
  assert.match(echo.lines[0], /warning: the limit of open files is 40, too low for 2000 connections/);
  const many = Array.from({ length: 60 }, () => connect(echo.port));
  await sleep(150);
  const cpuMs = echo.cpuMs();
  many.forEach(({ socket }) => socket.write('GET /fiber HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'));
  await Promise.all(many.map(({ closed }) => closed));
  for (const { text } of many) {
    assert.match(text, /from a fiber\n$/);
  }
  assertQuick(echo.cpuMs() - cpuMs, 60);
  assert.match(echo.lines.at(-1), /cannot accept connections: Too many open files; trying again in 100 ms/);
}));

const withIpv6 = networkInterfaces().lo?.some(({ address }) => address === '::1');
for (const host of ['localhost', '*', ...(withIpv6 ? ['::1', '::'] : [])]) {
  test(`listening on ${host}`, async (t) => {
    const echo = await startEcho(t, { listen: `${host}:0` });
    const addresses = host === 'localhost' ? (await lookup(host, { all: true })).map((a) => a.address)
      : [...(host === '::1' ? [] : ['127.0.0.1']), ...(withIpv6 ? ['::1'] : [])];
    for (const address of addresses) {
      const { body } = await request(echo.port, 'GET /headers', { host: address });
      assert.ok(body.startsWith(`GET /headers? from ${address}\n`), `${address}: ${body}`);
    }
  });
}

test('a unix socket', async (t) => {
  const file = path.join(await temporaryDirectory(t), 'socket');
  await t.test('of its own', async (t) => {
    const echo = await startEcho(t, { unix: file });
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    assert.match((await request(0, 'GET /headers', { path: file })).body, /^GET \/headers\? from unix\n/);
    await assert.rejects(startEcho(t, { unix: file }), /another program listens on/);
    const gone = connect(0, { path: file });
    gone.socket.write('GET /hang HTTP/1.1\r\nHost: a\r\n\r\n');
    const counts = async () => JSON.parse((await request(0, 'GET /counts', { path: file })).body);
    await until(async () => (await counts()).requests === 2);
    gone.socket.destroy();
    await until(async () => (await counts()).gone === 1);
    assert.ok(echo.port === 0);
  });
  await assert.rejects(stat(file), /ENOENT/);
});

test('a socket file that nobody listens on is replaced, another file is not', async (t) => {
  const file = path.join(await temporaryDirectory(t), 'socket');
  const dead = spawn(ECHO, [`unix=${file}`], { stdio: ['ignore', 'ignore', 'pipe'] });
  await once(dead.stderr, 'data');
  dead.kill('SIGKILL');
  await once(dead, 'exit');
  await stat(file);
  await startEcho(t, { unix: file });
  assert.equal((await request(0, 'GET /headers', { path: file })).status, 200);
  const regular = `${file}.txt`;
  await writeFile(regular, '');
  await assert.rejects(startEcho(t, { unix: regular }), /is no socket/);
});

function certificate(directory, name) {
  const files = { certificate_file: path.join(directory, `${name}.pem`), key_file: path.join(directory, `${name}.key`) };
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256',
    '-nodes', '-days', '2', '-subj', `/CN=${name}`, '-keyout', files.key_file, '-out', files.certificate_file],
  { stdio: 'ignore' });
  return files;
}

test('TLS', async (t) => {
  const directory = await temporaryDirectory(t);
  const one = certificate(directory, 'one');
  const two = certificate(directory, 'two');
  const insecure = { rejectUnauthorized: false };
  const counts = async () => JSON.parse((await request(echo.port, 'GET /counts', { tls: insecure })).body);
  const echo = await startEcho(t, { ...one, header_timeout_ms: 300 });
  const served = async () => {
    const socket = tls.connect({ port: echo.port, host: '127.0.0.1', ...insecure });
    await once(socket, 'secureConnect');
    const name = socket.getPeerCertificate().subject.CN;
    socket.destroy();
    return name;
  };

  await t.test('requests', async () => {
    assert.equal((await request(echo.port, 'POST /echo', { body: 'x'.repeat(500000), tls: insecure })).body.length,
      500000);
    assert.equal((await request(echo.port, 'GET /later', { tls: insecure })).body, 'later\n');
    assert.match((await request(echo.port, 'GET /ticks', { tls: insecure })).body, /data: 2[^]*data: 0/);
    assert.equal((await request(echo.port, 'POST /echo', { body: 'x'.repeat(3000000), tls: insecure })).status, 413);
    assert.match(await exchange(echo.port, MALFORMED['a folded header'], { tls: insecure }), /^HTTP\/1\.1 400 /);
  });
  await t.test('a client that goes', async () => {
    const { gone } = await counts();
    const connection = connect(echo.port, { tls: insecure });
    connection.socket.write('GET /hang HTTP/1.1\r\nHost: a\r\n\r\n');
    await sleep(100);
    connection.socket.destroy();
    await until(async () => (await counts()).gone > gone);
  });
  await t.test('a handshake that does not end', async () => {
    const from = performance.now();
    const { socket, closed } = connect(echo.port);
    socket.write(Buffer.from('160301', 'hex'));
    await closed;
    assert.ok(performance.now() - from < limit(10_000));
  });
  await t.test('TLS 1.1 is refused', async () => {
    const socket = tls.connect({ port: echo.port, host: '127.0.0.1', minVersion: 'TLSv1', maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0', ...insecure });
    const [error] = await once(socket, 'error');
    assert.match(error.code, /^ERR_SSL|ECONNRESET/);
  });
  await t.test('a new certificate for new connections', async () => {
    assert.equal(await served(), 'one');
    const old = connect(echo.port, { tls: insecure });
    old.socket.write('GET /ticks?n=10&ms=50 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    await old.until(/data: 9/);
    await copyFile(two.key_file, one.key_file);
    echo.child.kill('SIGHUP');
    await until(() => /the TLS key .*one\.key does not belong to the certificate/.test(echo.lines.join('\n')));
    assert.equal(await served(), 'one');
    await copyFile(two.certificate_file, one.certificate_file);
    echo.child.kill('SIGHUP');
    await until(() => echo.lines.at(-1) === 'reconfigured');
    assert.equal(await served(), 'two');
    await old.closed;
    assert.match(old.text, /data: 0[^]*\r\n0\r\n\r\n$/);
    await until(async () => (await counts()).connections === 1);
  });
  await t.test('unusable files', async () => {
    const encrypted = path.join(directory, 'encrypted.key');
    execFileSync('openssl', ['pkey', '-in', two.key_file, '-aes256', '-passout', 'pass:secret', '-out', encrypted]);
    const start = (options) => startEcho(t, { ...two, ...options });
    await assert.rejects(start({ key_file: encrypted }), /is encrypted\nHINT: +decrypt it/);
    await assert.rejects(start({ key_file: '/nonexistent' }), /cannot read the TLS key \/nonexistent: No such/);
    await assert.rejects(start({ certificate_file: '/dev/null' }), /is no PEM file/);
    await assert.rejects(start({ certificate_file: two.key_file }), /cannot use the TLS certificate/);
  });
});

test('stop: no new connections, what runs is finished, idle connections are closed', async (t) => {
  const echo = await startEcho(t);
  const idle = connect(echo.port);
  idle.socket.write(`${GET}\r\n`);
  await idle.until(/200 OK/);
  const call = connect(echo.port);
  call.socket.write('GET /later?ms=300 HTTP/1.1\r\nHost: a\r\n\r\n');
  const stream = connect(echo.port);
  stream.socket.write('GET /ticks?n=6&ms=50 HTTP/1.1\r\nHost: a\r\n\r\n');
  await stream.until(/data: 5/);
  echo.child.kill('SIGTERM');
  await idle.closed;
  const refused = net.connect({ port: echo.port, host: '127.0.0.1' });
  const [error] = await once(refused, 'error');
  assert.equal(error.code, 'ECONNREFUSED');
  await Promise.all([call.closed, stream.closed]);
  assert.match(call.text, /^Connection: close\r$[^]*later\n$/m);
  assert.match(stream.text, /data: 0[^]*\r\n0\r\n\r\n$/);
  const [code] = await echo.exited;
  assert.equal(code, 0);
});

test('clients that go at any moment leave nothing', async (t) => {
  const echo = await startEcho(t);
  const moments = [
    '', 'GE', GET, `${GET}X-A`, `${POST}Content-Length: 100\r\n\r\nabc`,
    `${POST}Transfer-Encoding: chunked\r\n\r\n5\r\nab`, 'GET /hang HTTP/1.1\r\nHost: a\r\n\r\n',
    'GET /later?ms=5 HTTP/1.1\r\nHost: a\r\n\r\n', 'GET /ticks?n=100&ms=1 HTTP/1.1\r\nHost: a\r\n\r\n',
    'GET /flood HTTP/1.1\r\nHost: a\r\n\r\n', 'GET /big?bytes=300000 HTTP/1.1\r\nHost: a\r\n\r\n',
    `${'GET /hang HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(2)}`, 'GET /early HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n',
  ];
  async function disconnect(times) {
    for (let i = 0; i < times; i += 50) {
      await Promise.all(Array.from({ length: 50 }, async (_, j) => {
        const { socket, closed } = connect(echo.port);
        await once(socket, 'connect').catch(() => {});
        socket.write(moments[(i + j) % moments.length]);
        await sleep((i + j) % 7);
        if (j % 2) {
          socket.resetAndDestroy();
        } else {
          socket.destroy();
        }
        await closed;
      }));
    }
    return echo.quiet();
  }
  await disconnect(1000); // the allocator has seen its worst
  const before = { descriptors: echo.descriptors(), kib: echo.residentKiB() };
  const counts = await disconnect(1000);
  assert.equal(counts.begun, counts.ended + 1);
  const after = { descriptors: echo.descriptors(), kib: echo.residentKiB() };
  t.diagnostic(`figure: 1,000 disconnects: ${before.descriptors} → ${after.descriptors} descriptors, `
    + `${before.kib} → ${after.kib} KiB, ${counts.gone} noticed in a call`);
  assert.ok(after.descriptors <= before.descriptors + 1, JSON.stringify({ before, after }));
  assert.ok(sanitized || after.kib < before.kib + 2048, JSON.stringify({ before, after }));
});

test('1,000 idle and 500 active connections', { skip: sanitized }, async (t) => {
  const echo = await startEcho(t);
  const open = async (count, text) => {
    const all = [];
    for (let i = 0; i < count; i += 100) {
      const batch = Array.from({ length: 100 }, () => connect(echo.port));
      batch.forEach(({ socket }) => socket.write(text));
      await Promise.all(batch.map((connection) => connection.until(/^HTTP\/1\.1 200 /)));
      all.push(...batch);
    }
    return all;
  };
  const idle = await open(1000, `${GET}\r\n`);
  const active = await open(500, 'GET /ticks?n=1000000&ms=20 HTTP/1.1\r\nHost: a\r\n\r\n');
  const kib = echo.residentKiB();
  active.concat(idle).forEach(({ socket }) => socket.destroy());
  await echo.quiet();
  t.diagnostic(`figure: 1,000 idle connections and 500 streams: ${(kib / 1024).toFixed(1)} MiB`);
  assert.ok(kib < 50 * 1024, `${kib} KiB`);
});

test('no work while nothing happens', async (t) => {
  const echo = await startEcho(t);
  const hanging = Array.from({ length: 20 }, (_, i) => connect(echo.port));
  hanging.forEach(({ socket }, i) => socket.write(`GET /${i % 2 ? 'hang' : 'ticks?ms=100000'} HTTP/1.1\r\nHost: a\r\n\r\n`));
  const agent = new http.Agent({ keepAlive: true });
  await new Promise((resolve) => http.get({ port: echo.port, path: '/echo', agent }, (r) => r.resume().on('end', resolve)));
  await sleep(100);
  const before = echo.cpuMs();
  await sleep(1000);
  assert.ok(echo.cpuMs() - before <= 50, `${echo.cpuMs() - before} ms`);
  agent.destroy();
  hanging.forEach(({ socket }) => socket.destroy());
});
