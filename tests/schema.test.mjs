// get_database_schema shows what is there, exactly, and nothing that is blocked.

import assert from 'node:assert/strict';
import test from 'node:test';
import { startPostgres } from './lib/postgres.mjs';
import { startServer, textOf } from './lib/server.mjs';

const postgres = await startPostgres();

const security = {
  allowed_schemas: ['public', 'analytics'],
  blocked_tables: ['users', 'passwords', 'api_keys'],
};
const start = (t) => startServer(t, { database: postgres.config, security });

async function read(server, args = { detail: 'full' }) {
  const result = await server.call('get_database_schema', args);
  assert.ok(!result.isError, textOf(result));
  return result.structuredContent;
}

const tableOf = ({ schemas }, schema, name) =>
  schemas.find((entry) => entry.name === schema)?.tables.find((table) => table.name === name);
const namesOf = ({ schemas }) =>
  schemas.flatMap(({ name, tables }) => tables.map((table) => `${name}.${table.name}`));

test('every kind of relation is named as what it is', async (t) => {
  const schema = await read(await start(t));
  assert.equal(schema.database, 'shop');
  for (const [owner, name, kind] of [
    ['public', 'customers', 'table'],
    ['public', 'debtors', 'view'],
    ['analytics', 'totals', 'materialized view'],
    ['analytics', 'remote_stock', 'foreign table'],
    ['analytics', 'events', 'partitioned table'],
  ]) {
    assert.equal(tableOf(schema, owner, name)?.kind, kind, name);
  }
});

test('columns have exact types, nullability, defaults and comments', async (t) => {
  const customers = tableOf(await read(await start(t)), 'public', 'customers');
  assert.equal(customers.comment, 'people who buy');
  const columns = Object.fromEntries(customers.columns.map((column) => [column.name, column]));
  assert.deepEqual(Object.keys(columns),
    ['id', 'name', 'email', 'country', 'balance', 'tags', 'profile', 'created_at']);
  const types = Object.values(columns).map((column) => column.type.replace(/^public\./, ''));
  assert.deepEqual(types, ['bigint', 'text', 'character varying(120)', 'country_code', 'numeric(12,2)',
    'text[]', 'jsonb', 'timestamp with time zone']);
  assert.equal(columns.name.nullable, false);
  assert.equal(columns.email.nullable, true);
  assert.match(columns.balance.default, /^0\.00/);
  assert.match(columns.created_at.default, /now\(\)/);
  assert.equal('default' in columns.name, false);
  assert.equal(columns.balance.comment, 'in euros, negative when owed');
});

test('keys are shown, compound ones in order', async (t) => {
  const schema = await read(await start(t));
  assert.deepEqual(tableOf(schema, 'public', 'customers').primary_key, ['id']);
  assert.deepEqual(tableOf(schema, 'public', 'customers').unique, [['email']]);
  assert.deepEqual(tableOf(schema, 'public', 'order_lines').primary_key, ['order_id', 'line']);
  assert.deepEqual(tableOf(schema, 'public', 'orders').unique, [['customer_id', 'placed_on']]);
  assert.equal('primary_key' in tableOf(schema, 'public', 'debtors'), false);
});

test('foreign keys have their targets, across schemas too', async (t) => {
  const schema = await read(await start(t));
  const [key] = tableOf(schema, 'public', 'orders').foreign_keys;
  assert.deepEqual([key.columns, key.references],
    [['customer_id'], { schema: 'public', table: 'customers', columns: ['id'] }]);
  assert.deepEqual(tableOf(schema, 'analytics', 'shipments').foreign_keys, [{
    name: 'shipment_of_line',
    columns: ['order_id', 'line'],
    references: { schema: 'public', table: 'order_lines', columns: ['order_id', 'line'] },
  }]);
});

test('enums come with their values in order', async (t) => {
  const schema = await read(await start(t));
  assert.deepEqual(schema.enums, [{ schema: 'public', name: 'order_status', values: ['new', 'paid', 'sent'] }]);
});

test('row estimates are near the truth', async (t) => {
  const schema = await read(await start(t));
  assert.equal(tableOf(schema, 'public', 'numbers').estimated_rows, 5000);
});

test('without a filter all allowed schemas are shown, and nothing blocked', async (t) => {
  const server = await start(t);
  const schema = await read(server, {});
  assert.deepEqual(schema.schemas.map((entry) => entry.name).sort(), ['analytics', 'public']);
  const everything = JSON.stringify(await server.call('get_database_schema', { detail: 'full' }));
  for (const name of ['passwords', 'api_keys', '"users"', 'hash', 'plans', 'secret', 'hidden', 'pg_catalog']) {
    assert.equal(everything.includes(name), false, name);
  }
});

test('without allowed_schemas all but the system schemas are shown', async (t) => {
  const server = await startServer(t, { database: postgres.config });
  const names = (await read(server, { detail: 'names' })).schemas.map((entry) => entry.name);
  assert.deepEqual(names.sort(), ['analytics', 'hidden', 'public']);
});

test('schema_filter, table and search narrow the view', async (t) => {
  const server = await start(t);
  const filtered = await read(server, { schema_filter: 'analytics' });
  assert.deepEqual(filtered.schemas.map((entry) => entry.name), ['analytics']);
  assert.deepEqual(namesOf(await read(server, { table: 'orders' })), ['public.orders']);
  assert.deepEqual(namesOf(await read(server, { schema_filter: 'analytics', table: 'shipments' })),
    ['analytics.shipments']);
  const found = namesOf(await read(server, { search: 'ship' }));
  assert.ok(found.includes('analytics.shipments') && !found.includes('public.numbers'), found.join());
  assert.ok(namesOf(await read(server, { search: 'balance' })).includes('public.customers'));
});

test('what is not there, or not to be seen, is an error that helps', async (t) => {
  const server = await start(t);
  for (const [args, patterns] of [
    [{ table: 'custmers' }, [/custmers/, /customers/]],
    [{ schema_filter: 'analytic' }, [/analytic\b/, /analytics/]],
    [{ schema_filter: 'hidden' }, [/hidden/]],
    [{ table: 'users' }, [/users/]],
  ]) {
    const result = await server.call('get_database_schema', args);
    assert.equal(result.isError, true, JSON.stringify(args));
    patterns.forEach((pattern) => assert.match(textOf(result), pattern));
  }
});

test('a hidden table and one that does not exist look alike', async (t) => {
  const server = await start(t);
  const [blocked, absent] = await Promise.all(['users', 'nosuch'].map(async (table) =>
    textOf(await server.call('get_database_schema', { table })).replaceAll(table, 'X')));
  assert.equal(blocked, absent);
});

test('detail chooses between names, columns and everything', async (t) => {
  const server = await start(t);
  const [names, columns, full] = await Promise.all(['names', 'columns', 'full'].map((detail) =>
    server.call('get_database_schema', { detail })));
  assert.deepEqual(namesOf(names.structuredContent).sort(), namesOf(full.structuredContent).sort());
  const size = (result) => textOf(result).length;
  assert.ok(size(names) < size(columns) && size(columns) <= size(full));
  assert.match(textOf(names), /customers/);
  assert.doesNotMatch(textOf(names), /balance/);
  assert.match(textOf(full), /numeric\(12,2\)/);
  assert.match(textOf(full), /people who buy/);
});

test('a change of the schema is seen at the next call', async (t) => {
  const server = await start(t);
  assert.equal(tableOf(await read(server), 'analytics', 'added'), undefined);
  await postgres.sql('CREATE TABLE analytics.added (x int)');
  try {
    assert.equal(tableOf(await read(server), 'analytics', 'added').columns[0].name, 'x');
  } finally {
    await postgres.sql('DROP TABLE analytics.added');
  }
});

test('names that need quotes, and an empty schema, are no trouble', async (t) => {
  const server = await start(t);
  await postgres.sql(`CREATE TABLE analytics."Odd ""Näme" ("Col 1" int, "select" text)`);
  try {
    const odd = tableOf(await read(server), 'analytics', 'Odd "Näme');
    assert.deepEqual(odd.columns.map((column) => column.name), ['Col 1', 'select']);
  } finally {
    await postgres.sql('DROP TABLE analytics."Odd ""Näme"');
  }
});
