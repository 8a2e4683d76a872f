// The schema as resources: listed, read and watched by their URIs.

import assert from 'node:assert/strict';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startPostgres } from './lib/postgres.mjs';
import { MODERN_META } from './lib/protocol.mjs';
import { limit, NO_DATABASE, sanitized, startServer } from './lib/server.mjs';

const postgres = await startPostgres();
await postgres.sql(`
  CREATE SCHEMA "a/b";
  CREATE TABLE "a/b"."Über 100%?#" ("no. 1" int);
  CREATE TABLE "a/b"."say ""hi""" (id int)`);

const POLICY = {
  allowed_schemas: ['public', 'analytics', '"a/b"'],
  blocked_tables: ['users', 'passwords', 'api_keys'],
  blocked_columns: ['customers.email'],
};
const HIDDEN = /users|passwords|api_keys|hidden|plans|secret|email/;

const start = (t, { database = postgres.config, security = POLICY, ...sections } = {}) =>
  startServer(t, { database, security, ...sections });

const uriOf = (...parts) => `postgres://${parts.map(encodeURIComponent).join('/')}`;

async function list(server) {
  const pages = [];
  for (let cursor; ; cursor = pages.at(-1).nextCursor) {
    const { result, error } = await server.modern('resources/list', cursor === undefined ? {} : { cursor });
    assert.equal(error, undefined, error?.message);
    pages.push(result);
    if (result.nextCursor === undefined) {
      return Object.assign(pages.flatMap(({ resources }) => resources), { pages });
    }
  }
}

async function read(server, uri) {
  const { result, error } = await server.modern('resources/read', { uri });
  assert.equal(error, undefined, error?.message);
  assert.equal(result.contents.length, 1);
  const [{ text, ...content }] = result.contents;
  assert.deepEqual(content, { uri, mimeType: 'text/plain' });
  return text;
}

test('the list has the database, its schemas and their tables, in order', async (t) => {
  const resources = await list(await start(t));
  assert.deepEqual(resources.map(({ uri }) => uri), [
    uriOf('shop'),
    ...['a/b', ['say "hi"', 'Über 100%?#'], 'analytics', ['events', 'shipments', 'totals'],
      'public', ['customers', 'debtors', 'gate', 'numbers', 'order_lines', 'orders']]
      .flatMap((entry, i, all) => (Array.isArray(entry)
        ? entry.map((table) => uriOf('shop', all[i - 1], table)) : [uriOf('shop', entry)])),
  ]);
  const entries = Object.fromEntries(resources.map((resource) => [resource.uri, resource]));
  assert.deepEqual(entries['postgres://shop/public/customers'], {
    uri: 'postgres://shop/public/customers', name: 'public.customers', title: 'Table public.customers',
    description: 'table, ~2 rows: people who buy', mimeType: 'text/plain',
  });
  assert.equal(entries['postgres://shop/public/debtors'].description, 'view');
  assert.match(entries['postgres://shop'].description, /^PostgreSQL \d[\d.]*, 11 tables$/);
  assert.equal(entries[uriOf('shop', 'a/b', 'say "hi"')].name, '"a/b"."say ""hi"""');
});

test('every listed URI can be read, whatever is in the names', async (t) => {
  const server = await start(t);
  for (const { uri } of await list(server)) {
    assert.ok((await read(server, uri)).length > 0, uri);
  }
  assert.equal(await read(server, uriOf('shop', 'a/b', 'Über 100%?#')),
    '"a/b"."Über 100%?#"\n  "no. 1" integer\n');
});

test('a table is read as the schema tool shows it', async (t) => {
  const server = await start(t);
  const { content: [{ text }] } = await server.call('get_database_schema', { table: 'orders', detail: 'full' });
  assert.equal(await read(server, 'postgres://shop/public/orders'), text.slice(text.indexOf('\n') + 1));
});

test('templates lead to the same resources', async (t) => {
  const server = await start(t);
  const { result } = await server.modern('resources/templates/list');
  assert.deepEqual(result.resourceTemplates.map(({ uriTemplate }) => uriTemplate), [
    'postgres://{database}/{schema}/{table}', 'postgres://{database}/{schema}', 'postgres://{database}',
  ]);
  assert.match(await read(server, 'postgres://shop/analytics'), /^analytics\.events .*\n[^]*\nanalytics\.shipments /);
  assert.match(await read(server, 'postgres://shop'), /public\.customers[^]*'paid'/);
});

test('what is hidden is as absent as what never was', async (t) => {
  const server = await start(t);
  const resources = await list(server);
  assert.doesNotMatch(JSON.stringify(resources), HIDDEN);
  for (const { uri } of resources) {
    assert.doesNotMatch(await read(server, uri), HIDDEN, uri);
  }
  const answer = async (uri, name) =>
    JSON.stringify((await server.modern('resources/read', { uri })).error).replaceAll(name, 'X');
  const absent = await answer('postgres://shop/public/nosuch', 'public/nosuch');
  assert.match(absent, /-32602.*not found/);
  for (const path of ['public/users', 'public/passwords', 'public/api_keys', 'hidden', 'hidden/plans',
    'pg_catalog', 'pg_catalog/pg_class', 'analytics/events_2025', 'public/', 'public/orders/', 'public/%00']) {
    assert.equal(await answer(`postgres://shop/${path}`, path), absent, path);
  }
});

test('no other URI stands for anything', async (t) => {
  const server = await start(t);
  for (const uri of ['', 'shop', 'postgres://', 'postgres://other', 'postgres://postgres/public/orders',
    'postgresql://shop/public/orders', 'file:///etc/passwd', 'postgres://agent:secret@host/shop', 'postgres://shop?x']) {
    const { error } = await server.modern('resources/read', { uri });
    assert.equal(error?.code, -32602, uri);
    assert.deepEqual(error.data, { uri });
  }
});

test('a table made a moment ago can be read', async (t) => {
  const server = await start(t);
  await read(server, 'postgres://shop');
  await sleep(1500); // the catalog is looked at again for a name that is new, twice a second
  await postgres.sql('CREATE TABLE brand_new (id int)');
  t.after(() => postgres.sql('DROP TABLE brand_new'));
  assert.match(await read(server, 'postgres://shop/public/brand_new'), /^public\.brand_new$/m);
});

test('what does not fit is counted', async (t) => {
  const server = await start(t, { security: { ...POLICY, max_result_bytes: 1000 } });
  const text = await read(server, 'postgres://shop/public');
  assert.match(text, /^note: .* did not fit; the tool get_database_schema has them/);
  assert.ok(Buffer.byteLength(text) <= 1000);
  const { pages } = await list(server);
  assert.ok(pages.length > 1);
  assert.deepEqual(pages.flatMap(({ resources }) => resources), [...await list(await start(t))]);
});

test('a cursor of nobody is refused', async (t) => {
  const server = await start(t);
  for (const cursor of ['', 'x', 'postgres:///', '%']) {
    const { error } = await server.modern('resources/list', { cursor });
    assert.equal(error?.code, -32602, cursor);
    assert.match(error.message, /cursor/);
  }
});

test('without the database, the answer is an error that says so', async (t) => {
  const server = await start(t, { database: NO_DATABASE });
  for (const [method, params] of [['resources/list', {}], ['resources/read', { uri: 'postgres://none' }]]) {
    const { error } = await server.modern(method, params);
    assert.equal(error?.code, -32603);
    assert.match(error.message, /none|nonexistent/);
  }
});

test('10,000 tables are listed page by page', async (t) => {
  await postgres.sql('CREATE DATABASE wide', 'postgres');
  await postgres.sql(`DO $$ BEGIN FOR i IN 1..10000 LOOP
    EXECUTE format('CREATE TABLE t%s (id int PRIMARY KEY)', lpad(i::text, 5, '0'));
    IF i % 1000 = 0 THEN COMMIT; END IF; END LOOP; END $$`, 'wide');
  const server = await start(t, { database: { ...postgres.config, database: 'wide' }, security: {} });
  const begin = performance.now();
  const resources = await list(server);
  const firstMs = performance.now() - begin;
  const again = performance.now();
  await list(server);
  const againMs = performance.now() - again;
  assert.equal(new Set(resources.map(({ uri }) => uri)).size, 10_002);
  assert.ok(resources.pages.length < 100, `${resources.pages.length} pages`);
  t.diagnostic(`${resources.pages.length} pages: ${firstMs.toFixed(0)} ms with loading, ` +
    `${againMs.toFixed(0)} ms from the cache`);
  assert.ok(againMs < limit(5000), `${againMs} ms`);
});

/** Both eras: how to listen to a resource, and to how to hear of what was said. */
const LISTENERS = {
  modern: async (server, uri) => {
    server.send({ jsonrpc: '2.0', id: 'ear', method: 'subscriptions/listen', params: {
      _meta: MODERN_META, notifications: { resourcesListChanged: true, resourceSubscriptions: [uri] } } });
    await server.answer('notifications/subscriptions/acknowledged');
  },
  legacy: async (server, uri) => {
    await server.initialize('2025-11-25');
    server.notify('notifications/initialized');
    await server.request('resources/subscribe', { uri });
  },
};

for (const [era, listen] of Object.entries(LISTENERS)) {
  test(`changes are told within seconds, ${era}`, async (t) => {
    const server = await start(t);
    await postgres.sql('CREATE TABLE watched (id int); CREATE TABLE unwatched (id int)');
    t.after(() => postgres.sql('DROP TABLE IF EXISTS watched, unwatched, another, hidden.unseen'));
    const uri = 'postgres://shop/public/watched';
    await read(server, uri);
    await listen(server, uri);
    await sleep(limit(100));

    const begin = performance.now();
    await postgres.sql(`ALTER TABLE unwatched ADD b int; ALTER TABLE watched ADD b int;
      CREATE TABLE hidden.unseen (id int)`);
    const updated = await server.answer('notifications/resources/updated');
    assert.equal(updated.params.uri, uri);
    t.diagnostic(`updated after ${(performance.now() - begin).toFixed(0)} ms`);
    assert.equal(server.hasAnswered('notifications/resources/list_changed'), false);
    assert.match(await read(server, uri), /\n  b integer/);

    await postgres.sql('CREATE TABLE another (id int)');
    await server.answer('notifications/resources/list_changed');
    await postgres.sql('DROP TABLE watched');
    assert.equal((await server.answer('notifications/resources/updated')).params.uri, uri);
  });
}

test('the handshake era: who subscribed to nothing hears of new tables when a call comes upon them', async (t) => {
  const server = await start(t);
  await server.initialize('2025-11-25');
  server.notify('notifications/initialized');
  await server.request('resources/list');
  await postgres.sql('CREATE TABLE fresh (id int)');
  t.after(() => postgres.sql('DROP TABLE fresh'));
  const began = performance.now();
  while (!server.hasAnswered('notifications/resources/list_changed') && performance.now() - began < limit(8000)) {
    await server.request('tools/call', { name: 'get_database_schema', arguments: { table: 'customers' } });
    await sleep(100);
  }
  await server.answer('notifications/resources/list_changed');
  await server.request('resources/list');
  assert.equal(server.hasAnswered('notifications/resources/list_changed'), false);
});

test('watching survives that the database is away', { skip: sanitized && 'slow' }, async (t) => {
  const server = await start(t);
  await postgres.sql('CREATE TABLE watched (id int)');
  t.after(() => postgres.sql('DROP TABLE watched'));
  const uri = 'postgres://shop/public/watched';
  await read(server, uri);
  await LISTENERS.modern(server, uri);
  await sleep(100);
  await postgres.stop();
  await sleep(3000);
  await postgres.start();
  await postgres.sql('ALTER TABLE watched ADD c int');
  assert.equal((await server.answer('notifications/resources/updated')).params.uri, uri);
});

test('watching goes on when the configuration is read anew', async (t) => {
  const server = await start(t);
  await postgres.sql('CREATE TABLE watched (id int)');
  t.after(() => postgres.sql('DROP TABLE watched'));
  const uri = 'postgres://shop/public/watched';
  await read(server, uri);
  await LISTENERS.modern(server, uri);
  for (const column of ['c', 'd']) {
    server.kill('SIGHUP');
    await sleep(limit(100));
    await read(server, uri);
    await postgres.sql(`ALTER TABLE watched ADD ${column} int`);
    assert.equal((await server.answer('notifications/resources/updated')).params.uri, uri);
  }
});

test('nobody looks when nobody listens any more', async (t) => {
  const server = await start(t, { database: { ...postgres.config, application_name: 'quiet' } });
  await LISTENERS.modern(server, 'postgres://shop');
  await sleep(1000);
  server.notify('notifications/cancelled', { requestId: 'ear' });
  await sleep(1000);
  const lastQuery = () => postgres.sql(`SELECT max(state_change) FROM pg_stat_activity
    WHERE application_name = 'quiet'`);
  const before = await lastQuery();
  await postgres.sql('CREATE TABLE noise (id int); DROP TABLE noise');
  await sleep(5000);
  assert.equal(await lastQuery(), before);
});
