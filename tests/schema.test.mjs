// get_database_schema shows what is there, exactly, and nothing that is blocked.

import assert from 'node:assert/strict';
import test from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { startPostgres } from './lib/postgres.mjs';
import { limit, startServer, textOf } from './lib/server.mjs';

const postgres = await startPostgres();

const security = {
  allowed_schemas: ['public', 'analytics'],
  blocked_tables: ['users', 'passwords', 'api_keys'],
};
const start = (t, more) =>
  startServer(t, { database: postgres.config, security: { ...security, ...more } });

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
  const schema = await read(await start(t, { allowed_tables: ['*', 'analytics.remote_stock'] }));
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

test('what is hidden and what does not exist look alike', async (t) => {
  const server = await start(t, { blocked_columns: ['customers.balance'] });
  for (const [argument, hidden] of [
    ['table', 'users'],
    ['table', 'debtors'],
    ['table', 'hidden.plans'],
    ['schema_filter', 'hidden'],
    ['search', 'passwords'],
    ['search', 'remote_stock'],
    ['search', 'euros'],
  ]) {
    const [blocked, absent] = await Promise.all([hidden, 'nosuch'].map(async (value) =>
      textOf(await server.call('get_database_schema', { [argument]: value })).replaceAll(value, 'X')));
    assert.equal(blocked, absent, hidden);
  }
});

test('blocked columns take with them their keys, enums, and the views that read them', async (t) => {
  const server = await start(t, {
    blocked_columns: ['customers.balance', 'orders.customer_id', 'public.orders.stat*'],
  });
  const result = await server.call('get_database_schema', { detail: 'full' });
  const schema = result.structuredContent;
  const orders = tableOf(schema, 'public', 'orders');
  assert.deepEqual(orders.columns.map((column) => column.name), ['id', 'placed_on']);
  assert.equal(orders.only_these_columns, true);
  assert.deepEqual(orders.primary_key, ['id']);
  assert.equal('unique' in orders || 'foreign_keys' in orders, false);
  assert.deepEqual(schema.enums, []);
  assert.equal(tableOf(schema, 'public', 'debtors'), undefined);
  assert.equal(tableOf(schema, 'analytics', 'totals'), undefined);
  for (const answer of [result, await server.call('get_database_schema', { table: 'customers' })]) {
    assert.doesNotMatch(JSON.stringify(answer), /balance|euros|customer_id|status|referenced by/);
  }
});

test('what reads or points at hidden tables is hidden, unless it is allowed', async (t) => {
  await postgres.sql(`
    CREATE VIEW analytics.logins AS SELECT id FROM users;
    CREATE VIEW analytics.recent_logins AS SELECT id FROM analytics.logins;
    CREATE TABLE analytics.staff () INHERITS (users);
    CREATE TABLE analytics.visits (user_id int REFERENCES users, order_id bigint REFERENCES orders)`);
  t.after(() => postgres.sql(`
    DROP VIEW analytics.recent_logins, analytics.logins;
    DROP TABLE analytics.visits, analytics.staff`));
  const names = (schema) => namesOf(schema).filter((name) => /logins|staff/.test(name));
  const schema = await read(await start(t));
  assert.deepEqual(names(schema), []);
  assert.deepEqual(tableOf(schema, 'analytics', 'visits').foreign_keys.map((key) => key.columns), [['order_id']]);
  const trusted = await read(await start(t, { allowed_views: ['analytics.logins'] }));
  assert.deepEqual(names(trusted), ['analytics.logins', 'analytics.recent_logins']);
});

test('near names of an error are never hidden ones', async (t) => {
  const server = await start(t, { blocked_columns: ['customers.balance', 'customers.email'] });
  for (const [query, sqlstate, hint] of [
    ['SELECT * FROM userz', '42P01', /^get_database_schema lists/],
    ['SELECT balanc FROM customers', '42703', /^columns of customers: id, name, country, tags/],
    ['SELECT emai FROM customers', '42703', /^(?!.*email)/],
    ['SELECT customer_idd FROM public."orders"', '42703', /customer_id/],
    ['SELECT lenght(name) FROM customers', '42883', /function length/],
    ['SELECT pg_slep(1)', '42883', /^(?!.*pg_sleep)/],
  ]) {
    const { error } = (await server.query(query)).structuredContent;
    assert.equal(error.sqlstate, sqlstate, query);
    assert.match(error.hint, hint, query);
  }
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

test('a change of the schema is seen, a new table by its name sooner', async (t) => {
  const server = await start(t);
  const seen = async (args, condition) => {
    // Two seconds, or half of one for a name that is not known, and more on a machine that is busy.
    const deadline = performance.now() + limit(10_000);
    for (;;) {
      const { structuredContent } = await server.call('get_database_schema', args);
      if (condition(structuredContent.schemas && tableOf(structuredContent, 'analytics', 'added'))) {
        return;
      }
      assert.ok(performance.now() < deadline, `not seen: ${condition}`);
      await setTimeout(20);
    }
  };
  const all = { detail: 'columns' };
  await seen(all, (table) => table === undefined);
  await postgres.sql('CREATE TABLE analytics.added (x int)');
  await seen({ table: 'analytics.added' }, (table) => table?.columns[0].name === 'x');
  await postgres.sql('ALTER TABLE analytics.added RENAME x TO y');
  await seen(all, (table) => table.columns[0].name === 'y');
  await postgres.sql('DROP TABLE analytics.added');
  await seen(all, (table) => table === undefined);
  await postgres.sql('CREATE TABLE analytics.added ()');
  await seen(all, (table) => table !== undefined);
  await postgres.sql('DROP TABLE analytics.added');
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
