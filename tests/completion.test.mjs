// Names are completed from what is shown, the likeliest first.

import assert from 'node:assert/strict';
import test from 'node:test';
import { startPostgres } from './lib/postgres.mjs';
import { limit, startServer } from './lib/server.mjs';
import { assertQuick, timed } from './lib/timed.mjs';

const postgres = await startPostgres();
await postgres.sql(`
  CREATE TABLE "Customer Notes" (id int);
  CREATE TABLE analytics.customers (id int)`);

const start = (t) => startServer(t, { database: postgres.config, security: {
  allowed_schemas: ['public', 'analytics'],
  blocked_tables: ['users', 'passwords', 'api_keys'],
  blocked_columns: ['customers.email'],
} });

const TABLE = { type: 'ref/resource', uri: 'postgres://{database}/{schema}/{table}' };
const prompt = (name) => ({ type: 'ref/prompt', name });

async function complete(server, ref, name, value, filled) {
  const { result, error } = await server.modern('completion/complete', {
    ref, argument: { name, value }, ...(filled && { context: { arguments: filled } }),
  });
  assert.equal(error, undefined, error?.message);
  return result.completion.values;
}

test('what begins like it comes first, then what has a word, then a part like it', async (t) => {
  const server = await start(t);
  const tables = (value) => complete(server, TABLE, 'table', value);
  assert.deepEqual(await tables('cust'), ['Customer Notes', 'customers']);
  assert.deepEqual(await tables('n'), ['numbers', 'Customer Notes', 'events', 'order_lines', 'shipments']);
  assert.deepEqual(await tables('LINE'), ['order_lines']);
  assert.deepEqual(await tables('tal'), ['totals']);
});

test('when nothing has it, what is spelled nearly so', async (t) => {
  const server = await start(t);
  assert.deepEqual(await complete(server, TABLE, 'table', 'custmers'), ['customers']);
  assert.deepEqual(await complete(server, TABLE, 'schema', 'pubilc'), ['public']);
  assert.deepEqual(await complete(server, TABLE, 'table', 'xyzzyx'), []);
});

test('what is filled in already narrows it', async (t) => {
  const server = await start(t);
  assert.deepEqual(await complete(server, TABLE, 'database', ''), ['shop']);
  assert.deepEqual(await complete(server, TABLE, 'schema', '', { database: 'shop' }), ['analytics', 'public']);
  assert.deepEqual(await complete(server, TABLE, 'schema', '', { database: 'other' }), []);
  assert.deepEqual(await complete(server, TABLE, 'table', '', { database: 'shop', schema: 'analytics' }),
    ['customers', 'events', 'shipments', 'totals']);
  assert.deepEqual(await complete(server, TABLE, 'table', 'x', { schema: 'nosuch' }), []);
});

test('prompts complete schemas, and the last name in a query', async (t) => {
  const server = await start(t);
  for (const name of ['explore_database', 'review_schema']) {
    assert.deepEqual(await complete(server, prompt(name), 'schema', 'an'), ['analytics']);
  }
  assert.deepEqual(await complete(server, prompt('answer_question'), 'question', 'How'), []);
  for (const [typed, wanted] of [
    ['SELECT * FROM num', ['SELECT * FROM numbers']],
    ['SELECT * FROM customers JOIN ', ['SELECT * FROM customers JOIN "Customer Notes"', 'SELECT * FROM customers JOIN analytics.customers']],
    ['SELECT * FROM Cust', ['SELECT * FROM customers', 'SELECT * FROM "Customer Notes"']],
    ['SELECT * FROM ev', ['SELECT * FROM events']],
    ['SELECT * FROM analytics.sh', ['SELECT * FROM analytics.shipments']],
    ['SELECT 1 FROM orders WHERE pl', ['SELECT 1 FROM orders WHERE placed_on']],
    ['SELECT 1 FROM orders WHERE orders.st', ['SELECT 1 FROM orders WHERE orders.status']],
    ['', []],
  ]) {
    const values = await complete(server, prompt('explain_slow_query'), 'query', typed);
    assert.deepEqual(wanted.filter((value) => !values.includes(value)), [], `${typed}: ${values}`);
    assert.ok(wanted.length > 0 || values.length === 0, `${typed}: ${values}`);
  }
});

test('nothing hidden is offered', async (t) => {
  const server = await start(t);
  for (const typed of ['', 'u', 'users', 'pass', 'api', 'hid', 'plans', 'key', 'e']) {
    const offered = await Promise.all([
      complete(server, TABLE, 'table', typed),
      complete(server, TABLE, 'schema', typed),
      complete(server, TABLE, 'table', typed, { schema: 'hidden' }),
      ...['SELECT ', 'SELECT * FROM ', 'SELECT * FROM users WHERE ', 'SELECT * FROM users WHERE users.',
        'SELECT * FROM hidden.', 'SELECT * FROM customers WHERE ', 'SELECT * FROM customers WHERE customers.']
        .map(async (before) => (await complete(server, prompt('explain_slow_query'), 'query', before + typed))
          .map((value) => value.slice(before.length))),
    ]);
    for (const value of offered.flat()) {
      assert.doesNotMatch(value, /users|passwords|api_keys|hidden|plans|email/, typed);
    }
  }
});

test('of 10,000 names a hundred are sent, in little time', timed(async (t) => {
  await postgres.sql('CREATE DATABASE wide', 'postgres');
  await postgres.sql(`DO $$ BEGIN FOR i IN 1..10000 LOOP
    EXECUTE format('CREATE TABLE table_%s (id int)', i);
    IF i % 1000 = 0 THEN COMMIT; END IF; END LOOP; END $$`, 'wide');
  const server = await startServer(t, { database: { ...postgres.config, database: 'wide' } });
  await complete(server, TABLE, 'database', '');
  for (const [typed, count] of [['', 100], ['table_1', 100], ['9999', 1], ['tabel_4242', 1]]) {
    const begin = performance.now();
    const values = await complete(server, TABLE, 'table', typed);
    const ms = performance.now() - begin;
    t.diagnostic(`"${typed}": ${ms.toFixed(0)} ms`);
    assert.ok(values.length >= count && values.length <= 100, `${typed}: ${values.length}`);
    assertQuick(ms, 500);
  }
}));
