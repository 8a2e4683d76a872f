// `serve --http`: where it listens, who may come in, how it is started, changed and stopped.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readlink, stat, writeFile } from 'node:fs/promises';
import test from 'node:test';
import { connect as connectTls } from 'node:tls';
import { eventsOf } from './lib/http.mjs';
import { freePort } from './lib/net.mjs';
import { startPostgres } from './lib/postgres.mjs';
import { curl, makeCertificate, serve } from './lib/serve.mjs';
import { limit, run, temporaryDirectory, writeConfig } from './lib/server.mjs';

const postgres = await startPostgres();
const database = { ...postgres.config, lock_timeout: 60_000 };
const INITIALIZE = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params: {
  protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'curl', version: '1' } } });
const initialize = (...args) => curl('-H', 'Content-Type: application/json', '-d', INITIALIZE, ...args);
const ALICE = 'alice-0123456789abcdef';
const BOB = 'bob-0123456789abcdef';
const bearer = (token) => ({ headers: { authorization: `Bearer ${token}` } });

// ---- where it listens ----

test('host, port and path come from the configuration', async (t) => {
  const port = await freePort();
  const server = await serve(t, { mcp: { port, path: '/pg' } }, { args: [] });
  assert.match(server.said.text, new RegExp(`info: listening on http://127\\.0\\.0\\.1:${port}/pg\\n`));
  assert.match(await initialize(server.url), /protocolVersion/);
  await assert.rejects(initialize(`http://127.0.0.1:${port}/mcp`), /404/);
});

test('the command line says where instead', async (t) => {
  const port = await freePort();
  for (const [argument, url] of [[`:${port}`, `http://127.0.0.1:${port}/mcp`], [`localhost:${port}`, `http://localhost:${port}/mcp`],
    [`[::1]:${port}`, `http://[::1]:${port}/mcp`], [`${port}`, `http://127.0.0.1:${port}/mcp`]]) {
    const server = await serve(t, { mcp: { port: 1 } }, { args: [argument] });
    assert.equal(server.url, url);
    assert.match(await initialize(url), /protocolVersion/);
    server.kill('SIGTERM');
    await server.exited;
  }
});

test('standard descriptors that are closed do not become sockets', async (t) => {
  const server = await serve(t, {}, { through: ['sh', '-c', 'exec "$@" <&- >&-', 'sh'] });
  assert.match(await initialize(server.url), /protocolVersion/);
  assert.equal(await readlink(`/proc/${server.pid}/fd/0`), '/dev/null');
});

test('a port that is taken', async (t) => {
  const server = await serve(t);
  const { code, stderr } = await run(['--http', `127.0.0.1:${server.port}`]);
  assert.equal(code, 2);
  assert.match(stderr, new RegExp(`127\\.0\\.0\\.1, port ${server.port}.*in use`), stderr);
});

test('a unix socket has its permissions, is replaced when stale and removed at the end', async (t) => {
  const directory = await temporaryDirectory(t);
  const socket = `${directory}/mcp.sock`;
  for (const args of [[`unix:${socket}`], []]) {
    const server = await serve(t, { mcp: { socket, socket_mode: '0660' } }, { args, killed: true });
    assert.match(server.said.text, new RegExp(`listening on unix:${socket}\n`));
    assert.equal((await stat(socket)).mode & 0o777, 0o660);
    assert.match(await initialize('--unix-socket', socket, 'http://localhost/mcp'), /protocolVersion/);
    const other = await run(['--http', `unix:${socket}`]);
    assert.equal(other.code, 2, other.stderr);
    assert.match(other.stderr, /mcp\.sock/);
    server.kill('SIGKILL');
    await server.exited;
    assert.ok(existsSync(socket));
  }
  const last = await serve(t, {}, { args: [`unix:${socket}`] });
  assert.equal((await stat(socket)).mode & 0o777, 0o600);
  last.kill('SIGTERM');
  await last.exited;
  assert.ok(!existsSync(socket));
});

test('nothing connects to PostgreSQL before the first call; /readyz asks it', async (t) => {
  const server = await serve(t, { database });
  const get = async (path) => {
    const response = await fetch(new URL(path, server.url));
    return [response.status, await response.text()];
  };
  await server.modern('tools/list');
  assert.equal((await get('/healthz'))[0], 200);
  assert.deepEqual(await postgres.backends(), []);
  assert.deepEqual(await get('/readyz'), [200, 'the database answers\n']);
  const lost = await serve(t, { database: { url: 'postgresql://u:hunter2@/d?host=/nonexistent' } });
  const response = await fetch(new URL('/readyz', lost.url));
  const text = await response.text();
  assert.equal(response.status, 503);
  assert.match(text, /cannot connect to PostgreSQL at \/nonexistent/);
  assert.doesNotMatch(text, /hunter2/);
});

// ---- who may come in ----

for (const [what, mcp, pattern] of [
  ['a path without a slash', { path: 'mcp' }, /pgparley\.yaml:3: mcp\.path: "mcp" cannot be the endpoint/],
  ['a path that is taken', { path: '/healthz' }, /pgparley\.yaml:3: mcp\.path/],
  ['a certificate without a key', { tls_certificate: 'c.pem' }, /pgparley\.yaml:3: mcp\.tls_certificate: mcp\.tls_key is missing[^]*both/],
  ['a certificate that is not there', { tls_certificate: 'c.pem', tls_key: 'c.key' },
    /pgparley\.yaml:3: mcp\.tls_certificate: cannot read the TLS certificate \S+c\.pem: No such file/],
  ['everybody in the network', { host: '192.0.2.1' }, /would let everybody in[^]*mcp\.tokens.*openssl rand -hex 32.*allow_unauthenticated/],
]) {
  test(`${what} is refused at the start, and by check`, async (t) => {
    const file = await writeConfig(t, { mcp });
    const { code, stdout, stderr } = await run(['serve', '--http', '--config', file]);
    assert.equal(code, 2, stderr);
    assert.match(stderr, pattern);
    assert.equal(stdout, '');
    const check = await run(['check', '--offline', '--config', file]);
    assert.match(check.stdout + check.stderr, pattern);
  });
}

test('check tells who may come in over HTTP, and what is risky about it', async (t) => {
  const check = async (mcp) => {
    const { code, stdout, stderr } = await run(['check', '--offline', '--config', await writeConfig(t, { mcp })]);
    assert.equal(code, 0, stderr);
    assert.ok(!stdout.includes(ALICE));
    return stdout;
  };
  const tokens = { alice: ALICE, bob: BOB };
  assert.match(await check({}), /^policy\tOver HTTP, at http:\/\/127\.0\.0\.1:8765\/mcp, no client is asked for a token\.$/m);
  assert.match(await check({ tokens }), /^policy\tOver HTTP, at .*, come in those who have a token: alice and bob\.$/m);
  assert.match(await check({ tokens }), /^mcp\.tokens\talice, bob\t/m);
  assert.match(await check({ tokens }), /^warning\t.*mcp\.tokens holds a secret in plain sight/m);
  assert.match(await check({ host: '192.0.2.1' }), /^warning\tserve --http will not start: .*everybody/m);
  assert.match(await check({ host: '192.0.2.1', tokens }), /^warning\tserve --http: tokens and data come to http:\/\/192\.0\.2\.1:8765\/mcp in plain text/m);
  assert.match(await check({ host: '192.0.2.1', allow_unauthenticated: true }), /^warning\t.*lets everybody in/m);
  assert.doesNotMatch(await check({ host: '::1' }), /^warning/m);
});

test('beyond this machine: tokens without TLS are warned about, and cannot be taken away', async (t) => {
  // 127.0.0.1 in a form that is not taken for it, so that nothing is opened to the network
  const mcp = { tokens: { alice: ALICE } };
  const server = await serve(t, { mcp }, { args: ['127.1:0'] });
  await server.said.next(/warning: tokens and data come to http:\/\/127\.1:\d+\/mcp in plain text/);
  assert.match(await server.reload({}, /stays as it was/), /would let everybody in/);
  assert.equal((await server.modern('tools/list')).status, 401);
  assert.equal((await server.modern('tools/list', {}, bearer(ALICE))).status, 200);
  assert.match(await server.reload({ mcp: { allow_unauthenticated: true } }), /warning: .* lets everybody in/);
  assert.equal((await server.modern('tools/list')).status, 200);
});

test('where there are tokens, the name by which the server is called does not matter unless it is given', async (t) => {
  const ask = async (server, host) => Number((await server.raw(['POST /mcp HTTP/1.1', `Host: ${host}`, 'Connection: close',
    `Authorization: Bearer ${ALICE}`, 'Content-Type: application/json', `Content-Length: ${INITIALIZE.length}`, '', INITIALIZE,
  ].join('\r\n'))).split(' ')[1]);
  const tokens = { alice: ALICE };
  const server = await serve(t, { mcp: { tokens } });
  assert.equal(await ask(server, 'mcp.example.com'), 200);
  await server.reload({ mcp: { tokens, allowed_hosts: ['pg.example.com'] } });
  assert.deepEqual([await ask(server, 'mcp.example.com'), await ask(server, 'pg.example.com:1')], [403, 200]);
  await server.reload({});
  assert.deepEqual([await ask(server, 'mcp.example.com'), await ask(server, 'localhost')], [403, 200]);
});

// ---- reloading ----

test('tokens are replaced while calls run, and old ones are refused', async (t) => {
  const directory = await temporaryDirectory(t);
  const tokens = `${directory}/tokens`;
  const write = (...lines) => writeFile(tokens, `# who may come in\n${lines.join('\n')}\n`, { mode: 0o600 });
  await write(`alice:${ALICE}`);
  const server = await serve(t, { database, mcp: { tokens_file: tokens } });
  const ask = async (token) => (await server.modern('tools/list', {}, bearer(token))).status;
  assert.deepEqual([await ask(ALICE), await ask(BOB), await ask('')], [200, 401, 401]);
  const gate = await postgres.closeGate(t);
  const running = server.query('SELECT * FROM gate', bearer(ALICE));
  await postgres.untilRunning(1);

  await write(`alice:${ALICE}`, `alice:next-${ALICE}`, `bob:${BOB}`);
  await server.reload();
  assert.deepEqual([await ask(ALICE), await ask(`next-${ALICE}`), await ask(BOB)], [200, 200, 200]);
  await write(`alice:next-${ALICE}`);
  await server.reload();
  assert.deepEqual([await ask(ALICE), await ask(`next-${ALICE}`), await ask(BOB)], [401, 200, 401]);
  await write('alice');
  assert.match(await server.reload(null, /stays as it was/), /tokens:2: the line has no colon/);
  assert.deepEqual([await ask(ALICE), await ask(`next-${ALICE}`)], [401, 200]);
  await gate.open();
  assert.ok(!(await running).result.isError);
});

test('a certificate is replaced; one that cannot be used is told and not taken', async (t) => {
  const directory = await temporaryDirectory(t);
  const [one, two] = await Promise.all(['one', 'two'].map((name) => makeCertificate(directory, name)));
  const mcp = ({ certificate, key }) => ({ mcp: { tls_certificate: certificate, tls_key: key } });
  const server = await serve(t, mcp(one));
  assert.match(server.url, /^https:/);
  const shown = () => new Promise((resolve, reject) => {
    const socket = connectTls(server.port, '127.0.0.1', { rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().subject.CN);
      socket.destroy();
    }).on('error', reject);
  });
  assert.match(await initialize('--cacert', one.certificate, server.url), /protocolVersion/);
  assert.equal(await shown(), 'one');
  await server.reload(mcp(two));
  assert.equal(await shown(), 'two');
  await writeFile(`${directory}/garbage`, 'garbage');
  const garbage = `${directory}/garbage`;
  for (const [certificate, key, pattern] of [
    [one.certificate, two.key, /pgparley\.yaml:1: mcp\.tls_key: the TLS key \S+two\.key does not belong to the certificate \S+one\.pem/],
    [one.certificate, garbage, /pgparley\.yaml:1: mcp\.tls_key: cannot use the TLS key \S+garbage/],
    [garbage, one.key, /pgparley\.yaml:1: mcp\.tls_certificate: cannot use the TLS certificate \S+garbage/],
    [one.certificate, directory, /pgparley\.yaml:1: mcp\.tls_key: cannot read the TLS key .*: Is a directory/],
  ]) {
    const said = await server.reload(mcp({ certificate, key }), /stays as it was/);
    assert.match(said, pattern);
    assert.equal(await shown(), 'two');
  }
});

test('reloading under load loses no call, and no connection stays behind', async (t) => {
  const server = await serve(t, { database });
  const legacy = await server.initialize();
  let reloading = true, calls = 0;
  const clients = Array.from({ length: 8 }, async (_, i) => {
    while (reloading) {
      const { result, error } = await (i % 2 ? server : legacy).query(`SELECT ${i}`);
      assert.deepEqual(result?.structuredContent.rows, [[i]], JSON.stringify(error ?? result));
      calls++;
    }
  });
  for (let i = 0; i < 50; i++) {
    await server.reload({ database, security: { max_rows_returned: 100 + i } });
  }
  reloading = false;
  await Promise.all(clients);
  t.diagnostic(`figure: ${calls} calls during 50 reloads`);
  await postgres.until("(SELECT count(*) FROM pg_stat_activity WHERE usename = 'agent') <= 5");
});

test('who listens for changes hears of a new policy', async (t) => {
  const server = await serve(t, { database });
  const stream = await server.sendModern('subscriptions/listen', { notifications: { resourcesListChanged: true } });
  const events = eventsOf(stream);
  const next = async () => (await events.next()).value.message?.method;
  assert.equal(await next(), 'notifications/subscriptions/acknowledged');
  await server.reload({ database, mcp: { stream_after: 100 } });
  await server.reload({ database, security: { blocked_tables: ['customers'] } });
  assert.equal(await next(), 'notifications/resources/list_changed');
  const { result } = await server.modern('resources/list');
  assert.ok(!result.resources.some(({ name }) => name.includes('customers')));
});

test('where it listens is known when the configuration that said so is gone', async (t) => {
  const server = await serve(t, { mcp: { port: await freePort() } }, { args: [] });
  for (let i = 0; i < 5; i++) {
    assert.doesNotMatch(await server.reload({ mcp: { port: server.port, keepalive: 1000 + i } }), /lets everybody in/);
  }
  assert.match(await initialize(server.url), /protocolVersion/);
});

test('what takes a restart is said', async (t) => {
  const server = await serve(t);
  const said = await server.reload({ mcp: { port: 9, host: 'localhost', socket: '/x' } });
  for (const key of ['port', 'host', 'socket']) {
    assert.match(said, new RegExp(`warning: mcp\\.${key} has changed, which takes a restart`));
  }
});

// ---- the end ----

test('SIGTERM lets a call end and refuses new ones; a second one cancels it', async (t) => {
  const server = await serve(t, { database });
  const gate = await postgres.closeGate(t);
  const running = server.query('SELECT 1 FROM gate RIGHT JOIN (SELECT) AS one ON true');
  await postgres.untilRunning(1);
  server.kill('SIGTERM');
  await assert.rejects(async () => { for (;;) { await server.modern('tools/list'); } });
  server.kill('SIGHUP');
  await gate.open();
  assert.deepEqual((await running).result.structuredContent.rows, [[1]]);
  assert.equal((await server.exited).code, 0);
  assert.doesNotMatch(server.said.text, /read anew/);

  const second = await serve(t, { database });
  const closed = await postgres.closeGate(t);
  second.query('SELECT * FROM gate').catch(() => {});
  await postgres.untilRunning(1);
  second.kill('SIGTERM');
  await assert.rejects(async () => { for (;;) { await second.modern('tools/list'); } });
  const start = performance.now();
  second.kill('SIGTERM');
  assert.equal((await second.exited).code, 0);
  assert.ok(performance.now() - start < limit(5000));
  await postgres.untilRunning(0);
  await closed.open();
});

// ---- systemd ----

/** Opens two sockets as systemd does, and becomes the program that is named behind its path. */
const ACTIVATE = `
import os, socket, sys
tcp = socket.create_server(('127.0.0.1', 0))
unix = socket.socket(socket.AF_UNIX)
unix.bind(sys.argv[1].replace('@', chr(0)))
unix.listen()
assert (tcp.fileno(), unix.fileno()) == (3, 4)
for s in (tcp, unix):
    s.set_inheritable(True)
os.environ.update(LISTEN_FDS='2', LISTEN_PID=str(os.getpid()))
os.execv(sys.argv[2], sys.argv[2:])`;

test('sockets from systemd are served instead of the configured one', async (t) => {
  const directory = await temporaryDirectory(t);
  for (const [socket, option, name] of [[`${directory}/mcp.sock`, '--unix-socket', `${directory}/mcp.sock`],
    [`@${directory}`, '--abstract-unix-socket', directory]]) {
    const server = await serve(t, { mcp: { port: 1 } }, { args: [], through: ['python3', '-c', ACTIVATE, socket] });
    assert.match(await server.said.next(/unix:/), new RegExp(`listening on unix:${socket}\n`));
    assert.notEqual(server.port, 1);
    assert.match(await initialize(server.url), /protocolVersion/);
    assert.match(await initialize(option, name, 'http://localhost/mcp'), /protocolVersion/);
  }
});

test('what is no socket is refused, and what is meant for another process is not touched', async (t) => {
  const file = await writeConfig(t, {});
  const start = (script) => new Promise((resolve) => {
    const child = spawn('sh', ['-c', script, 'sh', process.env.PGPARLEY_BIN ?? 'build/pgparley', 'serve', '--http', '127.0.0.1:0',
      '--config', file], { stdio: ['ignore', 'ignore', 'pipe', 'ignore'] });
    let text = '';
    child.stderr.on('data', (part) => {
      text += part;
      if (/listening/.test(text)) {
        child.kill();
      }
    });
    child.on('close', (code) => resolve([code, text]));
  });
  const [code, text] = await start('LISTEN_FDS=1 LISTEN_PID=$$ exec "$@"');
  assert.equal(code, 2);
  assert.match(text, /descriptor 3 from systemd is no socket to listen on[^]*ListenStream/);
  const [other] = await start('LISTEN_FDS=1 LISTEN_PID=1 exec "$@"');
  assert.equal(other, 0);
});

test('systemd hears when the service is ready, reloads and stops', async (t) => {
  const directory = await temporaryDirectory(t);
  const receiver = spawn('python3', ['-c', `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print('bound', flush=True)
while True:
    print(s.recv(4096).decode().replace(chr(10), ' '), flush=True)`, `${directory}/notify`], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => receiver.kill());
  let heard = '';
  receiver.stdout.setEncoding('utf8').on('data', (text) => { heard += text; });
  const until = async (pattern) => {
    const deadline = performance.now() + limit(10_000);
    while (!pattern.test(heard)) {
      assert.ok(performance.now() < deadline, `${pattern} is not in ${heard}`);
      await new Promise((resolve) => { setTimeout(resolve, 5); });
    }
    heard = '';
  };
  await until(/^bound\n$/);
  const server = await serve(t, {}, { env: { NOTIFY_SOCKET: `${directory}/notify` } });
  await until(new RegExp(`^READY=1 STATUS=listening on ${server.url}\n$`));
  await server.reload();
  await until(/^RELOADING=1 MONOTONIC_USEC=\d+\nREADY=1\n$/);
  server.kill('SIGTERM');
  await until(/^STOPPING=1\n$/);
});
