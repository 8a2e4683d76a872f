// Prompts come filled in with what the database is, and with nothing that is hidden.

import assert from 'node:assert/strict';
import test from 'node:test';
import { startPostgres } from './lib/postgres.mjs';
import { startServer } from './lib/server.mjs';

const postgres = await startPostgres();
await postgres.sql(`
  CREATE INDEX customers_by_mail ON customers (email, name);
  CREATE INDEX customers_lower ON customers (lower(email));
  CREATE INDEX customers_named ON customers (name) WHERE email IS NOT NULL;
  CREATE INDEX customers_rich ON customers (balance DESC) INCLUDE (name);
  CREATE TABLE sessions (id int PRIMARY KEY, owner int REFERENCES users, customer bigint REFERENCES customers);
  CREATE TABLE keyless (n int);
  VACUUM ANALYZE`);

const POLICY = {
  allowed_schemas: ['public', 'analytics'],
  blocked_tables: ['users', 'passwords', 'api_keys'],
};
const HIDDEN = /users|passwords|api_keys|hidden|plans|secret/;

const start = (t, security) =>
  startServer(t, { database: postgres.config, security: { ...POLICY, ...security } });

async function get(server, name, args = {}) {
  const { result, error } = await server.modern('prompts/get', { name, arguments: args });
  assert.equal(error, undefined, error?.message);
  const [{ role, content }, ...others] = result.messages;
  assert.deepEqual([role, content.type, others.length], ['user', 'text', 0]);
  return content.text;
}

async function refusal(server, name, args) {
  const { error } = await server.modern('prompts/get', { name, arguments: args });
  return error;
}

const ALL = [
  ['explore_database', {}],
  ['explore_database', { schema: 'analytics' }],
  ['answer_question', { question: 'Who has paid?' }],
  ['explain_slow_query', { query: 'SELECT name FROM customers JOIN orders ON customer_id = customers.id' }],
  ['review_schema', {}],
  ['review_schema', { schema: 'public' }],
];

test('every prompt has title, description, and arguments that say what they are', async (t) => {
  const { result } = await (await start(t)).modern('prompts/list');
  assert.deepEqual(result.prompts.map(({ name, arguments: args }) =>
    [name, args.map((arg) => `${arg.name}${arg.required ? '' : '?'}`).join()]), [
    ['explore_database', 'schema?'], ['answer_question', 'question'],
    ['explain_slow_query', 'query'], ['review_schema', 'schema?'],
  ]);
  for (const prompt of result.prompts) {
    assert.ok(prompt.title && prompt.description && prompt.arguments.every((arg) => arg.description));
  }
});

test('they are short, and name the tools to go on with', async (t) => {
  const server = await start(t);
  for (const [name, args] of ALL) {
    const text = await get(server, name, args);
    assert.match(text, /database "shop"/, name);
    assert.match(text, /execute_sql_query/, name);
    assert.ok(text.length < 6000, `${name}: ${text.length}`);
  }
});

test('explore_database holds the schema that was asked for', async (t) => {
  const server = await start(t);
  const all = await get(server, 'explore_database');
  assert.match(all, /public\.customers [^\n]*people who buy\n[^]*analytics|analytics[^]*public\.customers/);
  const analytics = await get(server, 'explore_database', { schema: 'analytics' });
  assert.match(analytics, /analytics\.shipments/);
  assert.doesNotMatch(analytics, /public\.customers \(/);
});

test('answer_question has the question, the columns and the limits', async (t) => {
  const text = await get(await start(t, { max_rows_returned: 77 }), 'answer_question',
    { question: 'Who owes us "most"?\nSince when?' });
  assert.match(text, /Who owes us "most"\?\nSince when\?/);
  assert.match(text, /balance numeric\(12,2\)/);
  assert.match(text, /at most 77 rows/);
});

test('in a large schema the question chooses the tables', async (t) => {
  await postgres.sql('CREATE DATABASE wide', 'postgres');
  await postgres.sql(`DO $$ BEGIN FOR i IN 1..2000 LOOP
    EXECUTE format('CREATE TABLE noise_%s (id int, first_thing text, second_thing text)', i);
    IF i % 500 = 0 THEN COMMIT; END IF; END LOOP; END $$;
    CREATE TABLE zz_invoice (number text, due_on date)`, 'wide');
  const server = await startServer(t, { database: { ...postgres.config, database: 'wide' } });
  const text = await get(server, 'answer_question', { question: 'Which invoices are not paid?' });
  assert.match(text, /public\.zz_invoice\n {2}number text null\n {2}due_on date null\n/);
  assert.match(text, /^note: the columns of \d+ of 2001 tables did not fit/m);
  assert.ok(text.length < 40_000, `${text.length}`);
  assert.match(await get(server, 'review_schema'), /the first 1000 of 2001 tables/);
});

test('explain_slow_query has plan, tables, sizes and indexes', async (t) => {
  const text = await get(await start(t), 'explain_slow_query',
    { query: 'SELECT * FROM numbers JOIN analytics.events_2025 ON true WHERE n = 5;' });
  assert.match(text, /Nested Loop .*cost=/);
  assert.match(text, /public\.numbers \(~5000 rows\): n integer PK/);
  assert.match(text, /^public\.numbers, \d+ kB\n {2}index numbers_pkey unique btree \(n\), \d+ kB$/m);
  assert.match(text, /analytics\.events \(partitioned table/);
  assert.doesNotMatch(text, /customers/);
});

test('the query is not run', async (t) => {
  const server = await start(t, { allowed_functions: ['nextval'] });
  const begin = performance.now();
  for (const query of ['SELECT count(*) FROM numbers a, numbers b, numbers c', 'SELECT * FROM numbers']) {
    await get(server, 'explain_slow_query', { query });
  }
  assert.ok(performance.now() - begin < 5000);
  for (const query of ['(ANALYZE) SELECT 1', 'ANALYZE SELECT 1', 'EXPLAIN ANALYZE SELECT 1', 'VERBOSE SELECT 1',
    'SELECT 1; SELECT 2', 'DELETE FROM orders', 'SHOW work_mem', '']) {
    const error = await refusal(server, 'explain_slow_query', { query });
    assert.equal(error?.code, -32602, query);
    assert.match(error.message, /the query cannot be explained/);
  }
});

test('what is wrong with the query is said, and where', async (t) => {
  const server = await start(t);
  for (const [query, pattern] of [
    ['SELECT nme\nFROM customers', /"nme" does not exist[^]*line 1, column 8 of the query/],
    ['SELECT 1\nFROM nosuch', /"nosuch" does not exist[^]*line 2, column 6 of the query/],
    ['SELECT 1 FROM custmers', /did you mean public\.customers/],
    ['SELECT (', /line 1/],
  ]) {
    const error = await refusal(server, 'explain_slow_query', { query });
    assert.equal(error?.code, -32602);
    assert.match(error.message, pattern);
  }
});

test('review_schema finds what is missing', async (t) => {
  const text = await get(await start(t), 'review_schema');
  const findings = text.slice(text.indexOf('Found in the system catalogs'));
  assert.match(findings, /without a primary key: \d+ of \d+\n[^]*? {2}public\.keyless\n/);
  assert.doesNotMatch(findings, /^ {2}public\.(numbers|customers)$/m);
  assert.match(findings, / {2}analytics\.shipments \(order_id, line\) → public\.order_lines\n/);
  assert.match(findings, / {2}public\.sessions \(customer\) → public\.customers\n/);
  assert.doesNotMatch(findings, /public\.orders \(customer_id\)|public\.order_lines \(order_id\)/);
  assert.match(text, /index customers_rich btree \(balance DESC\) INCLUDE \(name\)/);
  assert.match(text, /index customers_named btree \(name\) WHERE \(email IS NOT NULL\)/);
});

test('an invalid index is found', async (t) => {
  await postgres.sql(`CREATE INDEX broken ON keyless (n);
    UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'broken'::regclass`);
  t.after(() => postgres.sql('DROP INDEX broken'));
  assert.match(await get(await start(t), 'review_schema'), /not valid: 1 of \d+\n {2}broken of public\.keyless/);
});

test('nothing hidden is in any of them', async (t) => {
  const server = await start(t, { blocked_columns: ['customers.email'] });
  for (const [name, args] of ALL) {
    const text = await get(server, name, args);
    assert.doesNotMatch(text, HIDDEN, name);
    assert.doesNotMatch(text, /mail|customers_lower|customers_named/, name);
  }
  const review = await get(server, 'review_schema');
  assert.match(review, /index customers_rich/);
  assert.doesNotMatch(review, /sessions \(owner\)/);
  for (const query of ['SELECT * FROM users', 'SELECT email FROM customers', 'SELECT * FROM hidden.plans']) {
    const error = await refusal(server, 'explain_slow_query', { query });
    assert.equal(error?.code, -32602, query);
    assert.match(error.message, /does not exist/);
  }
});

test('what the role may not read is hidden, too', async (t) => {
  await postgres.sql(`CREATE ROLE reader LOGIN;
    GRANT SELECT (id, name) ON customers TO reader; GRANT SELECT ON orders TO reader`);
  const server = await startServer(t, { database: { ...postgres.config, username: 'reader' } });
  const review = await get(server, 'review_schema');
  assert.match(review, /public\.customers \([^)]*only these columns may be read\): id bigint PK, name text NOT NULL$/m);
  assert.match(review, /index customers_pkey/);
  assert.doesNotMatch(review, /mail|balance|customers_named|customers_rich|keyless|analytics/);
});

test('a schema that is not there, or not to be seen, is an error that helps', async (t) => {
  const server = await start(t);
  for (const name of ['explore_database', 'review_schema']) {
    const { code, message } = await refusal(server, name, { schema: 'analytic' });
    assert.equal(code, -32602);
    assert.match(message, /analytics/);
    const [hidden, absent] = await Promise.all(['hidden', 'nosuch'].map(async (schema) =>
      (await refusal(server, name, { schema })).message.replace(schema, 'X')));
    assert.equal(hidden, absent);
  }
});

test('what does not fit is said', async (t) => {
  const server = await start(t, { max_result_bytes: 1000 });
  for (const [name, args] of [ALL[0], ALL[2], ALL[4]]) {
    assert.match(await get(server, name, args), /did not fit/, name);
  }
});
