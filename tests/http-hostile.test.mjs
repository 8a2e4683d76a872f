// Clients that are slow, deaf, or gone harm nobody but themselves.

import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'node:test';
import { Connection, queryBytes, startHttp } from './lib/http.mjs';
import { startPostgres } from './lib/postgres.mjs';
import { limit, sanitized } from './lib/server.mjs';

const postgres = await startPostgres();
const database = { ...postgres.config, lock_timeout: 60_000, pool_size: 4, max_overflow: 0 };
const POINT = queryBytes('SELECT name FROM customers WHERE id = 1');

const mib = (kib) => `${(kib / 1024).toFixed(1)} MiB`;

/** What a polite client waits for a point query at worst, in ms: p99 of many. */
async function p99(server, count = 1000) {
  const times = [];
  await Promise.all(Array.from({ length: 4 }, async () => {
    const client = await Connection.open(server);
    for (let i = 0; i < count / 4; i++) {
      const start = performance.now();
      assert.match(await client.request(POINT), /^HTTP\/1\.1 200 .*Ada/s);
      times.push(performance.now() - start);
    }
    client.socket.destroy();
  }));
  return times.sort((a, b) => a - b)[Math.floor(count * 0.99)];
}

/** Compares with a server that has no such clients, at the same time: the machine does other work, too. */
async function assertUndisturbed(t, server, undisturbed) {
  let own, other;
  for (let i = 0; i < 5 && !(own < 2 * other); i++) {
    [own, other] = await Promise.all([p99(server), p99(undisturbed)]);
  }
  t.diagnostic(`figure: p99 of polite clients ${own.toFixed(1)} ms, ${other.toFixed(1)} ms on a server without the others`);
  assert.ok(own < 2 * other, `${own} ms, ${other} ms on a server without the others`);
}

/** Descriptors that are no connections to PostgreSQL, and memory. */
const stateOf = async (server) => ({
  descriptors: server.descriptors() - (await postgres.backends()).length,
  resident: server.residentKiB(),
});

/** Waits until the descriptors are as few as they were, whatever the clients do; then judges the memory. */
async function assertBack(t, server, before) {
  let after = await stateOf(server);
  for (let i = 0; after.descriptors > before.descriptors && i < 200; i++) {
    await sleep(50);
    after = await stateOf(server);
  }
  t.diagnostic(`figure: RSS ${mib(before.resident)} before, ${mib(after.resident)} after; ` +
    `descriptors ${before.descriptors} before, ${after.descriptors} after`);
  assert.ok(after.descriptors <= before.descriptors, `${before.descriptors} → ${after.descriptors} descriptors`);
  assert.ok(sanitized || after.resident < before.resident * 1.25 + 4096,
    `${mib(before.resident)} → ${mib(after.resident)}`);
}

/** A server that has warmed up, what it looks like then, and another one that stays alone. */
async function warm(t, config) {
  const [server, undisturbed] = await Promise.all([config, {}].map((part) => startHttp(t, { database, ...part })));
  await Promise.all([p99(server), p99(undisturbed)]);
  await sleep(100);
  return { server, undisturbed, before: await stateOf(server) };
}

function openSockets(t, server, count) {
  const sockets = Array.from({ length: count }, () => connect(server.port, '127.0.0.1').on('error', () => {}));
  t.after(() => sockets.forEach((socket) => socket.destroy()));
  return Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once('connect', () => resolve(socket)))));
}

const closed = (sockets) =>
  Promise.all(sockets.map((socket) => socket.closed || new Promise((resolve) => socket.once('close', resolve))));

test('64 clients that send a byte now and then', async (t) => {
  const { server, undisturbed, before } = await warm(t, { mcp: { header_timeout: 1500, body_timeout: 1500 } });
  const start = performance.now();
  const sockets = await openSockets(t, server, 64);
  const head = POINT.indexOf('\r\n\r\n') + 4;
  sockets.forEach((socket, i) => socket.resume().write(POINT.slice(0, i % 2 ? 1 : head)));
  let sent = 0;
  const timer = setInterval(() => {
    sockets.forEach((socket, i) => socket.writable && socket.write(POINT[(i % 2 ? 1 : head) + sent]));
    sent++;
  }, 100);
  await assertUndisturbed(t, server, undisturbed);
  await closed(sockets);
  clearInterval(timer);
  assert.ok(performance.now() - start < limit(15_000), `${performance.now() - start} ms`);
  await assertBack(t, server, before);
});

test('16 clients that never read results of 8 MB', async (t) => {
  const big = { max_result_bytes: 16 << 20, max_cell_bytes: 16 << 20 };
  const { server, undisturbed, before } = await warm(t, { security: big, mcp: { write_timeout: 3000 } });
  const sockets = await openSockets(t, server, 16);
  const request = queryBytes("SELECT repeat('x', 8000000) AS x", { accept: 'text/event-stream' });
  sockets.forEach((socket) => socket.pause().write(request));
  for (let quiet = 0; quiet < 5; quiet++) {
    await sleep(100);
    const active = await postgres.sql(
      "SELECT count(*) FROM pg_stat_activity WHERE usename = 'agent' AND state = 'active'");
    quiet = active.trim() === '0' ? quiet : 0;
  }
  await assertUndisturbed(t, server, undisturbed);
  t.diagnostic(`figure: RSS at most ${mib(server.residentKiB('VmHWM'))}`);
  await assertBack(t, server, before);
});

test('64 clients that never read their progress', async (t) => {
  const { server, undisturbed, before } = await warm(t, { database: { ...database, pool_size: 80 } });
  const gate = await postgres.closeGate(t);
  const sockets = await openSockets(t, server, 64);
  const request = queryBytes('SELECT count(*) FROM gate', { meta: { progressToken: 1 } });
  sockets.forEach((socket) => socket.pause().write(request));
  await postgres.untilRunning(64);
  await assertUndisturbed(t, server, undisturbed);
  sockets.forEach((socket) => socket.destroy());
  await postgres.untilRunning(0);
  await gate.open();
  await assertBack(t, server, before);
});

test('a client that hangs up in the middle of a call, 1,000 times', async (t) => {
  const { server, undisturbed, before } = await warm(t);
  const gate = await postgres.closeGate(t);
  const request = queryBytes('SELECT count(*) FROM gate', { meta: { progressToken: 1 } });
  const hangUp = async (ms) => {
    const [socket] = await openSockets(t, server, 1);
    socket.write(request);
    await sleep(ms);
    socket.destroy();
  };
  let left = 1000;
  const start = performance.now();
  await Promise.all(Array.from({ length: 20 }, async () => {
    while (left-- > 0) {
      await hangUp(left % 25);
    }
  }));
  t.diagnostic(`figure: ${Math.round(performance.now() - start)} ms for 1,000`);
  await postgres.untilRunning(0);
  await gate.open();
  await assertUndisturbed(t, server, undisturbed);
  await assertBack(t, server, before);
});

/** A point query with so many objects in a place that nobody looks at. */
const bulky = (count, query = 'SELECT name FROM customers WHERE id = 1') =>
  queryBytes(query, { meta: { bulk: Array(count).fill({}) } });

test('messages in flight share one budget; what is beyond it is sent away', async (t) => {
  const server = await startHttp(t, { database, mcp: { max_inflight_bytes: 1_000_000 } });
  const clients = await Promise.all(Array.from({ length: 4 }, () => Connection.open(server)));
  t.after(() => clients.forEach(({ socket }) => socket.destroy()));
  const half = bulky(1500); // about 500 kB of memory, of which the last byte is not sent yet
  clients[0].socket.write(half.slice(0, -1));
  clients[1].socket.write(half.slice(0, -1));
  await sleep(100);
  const refused = await clients[2].request(half);
  assert.match(refused, /^HTTP\/1\.1 503 .*\r\nretry-after: 1\r\n.*mcp\.max_inflight_bytes.*try again/is);
  assert.match(await clients[2].request(POINT), /^HTTP\/1\.1 200 .*Ada/s);
  assert.match(await clients[3].request(bulky(4000)), /^HTTP\/1\.1 413 .*mcp\.max_inflight_bytes/s);
  assert.match(await clients[0].request(half.slice(-1)), /^HTTP\/1\.1 200 .*Ada/s);
  assert.match(await clients[2].request(half), /^HTTP\/1\.1 200 .*Ada/s);
  clients[1].socket.destroy();
});

test('a thousand messages that take far more memory than they are long', async (t) => {
  const server = await startHttp(t, { database });
  const gate = await postgres.closeGate(t);
  const message = bulky(9_000, 'SELECT count(*) FROM gate');
  const sockets = await openSockets(t, server, 1000);
  sockets.forEach((socket) => socket.resume().write(message));
  await sleep(2000);
  const highest = server.residentKiB('VmHWM');
  t.diagnostic(`figure: RSS at most ${mib(highest)}`);
  sockets.forEach((socket) => socket.destroy());
  await gate.open();
  assert.ok(sanitized || highest < 128 * 1024, mib(highest));
});

test('1,000 idle and 500 active connections', async (t) => {
  const server = await startHttp(t, { database });
  const open = async () => {
    const client = await Connection.open(server);
    await client.request(POINT);
    return client;
  };
  const clients = [];
  while (clients.length < 1500) {
    clients.push(...await Promise.all(Array.from({ length: 100 }, open)));
  }
  t.after(() => clients.forEach(({ socket }) => socket.destroy()));
  let answers = 0;
  const until = performance.now() + 3000;
  await Promise.all(clients.slice(0, 500).map(async (client) => {
    while (performance.now() < until) {
      assert.match(await client.request(POINT), /^HTTP\/1\.1 200 .*Ada/s);
      answers++;
    }
  }));
  const highest = server.residentKiB('VmHWM');
  t.diagnostic(`figure: RSS at most ${mib(highest)}, ${Math.round(answers / 3)} answers/s`);
  assert.ok(sanitized || highest < 60 * 1024, mib(highest));
  assert.match(await clients.at(-1).request(POINT), /Ada/);
});
