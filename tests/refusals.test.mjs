// Only queries run. The role could do anything: what refuses is pgparley alone.

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

/** Everything that a statement could have changed, in one text. */
const fingerprint = () => postgres.sql(`
  SELECT count(*), md5(string_agg(c::text, ',')) FROM customers c;
  SELECT count(*), md5(string_agg(u::text, ',')) FROM users u;
  SELECT string_agg(relname, ',' ORDER BY oid) FROM pg_class;
  SELECT string_agg(rolname, ',' ORDER BY oid) FROM pg_roles;
  SELECT string_agg(proname, ',' ORDER BY oid) FROM pg_proc WHERE oid >= 16384`);

const statements = [
  "INSERT INTO customers (name) VALUES ('Eve')",
  "INSERT INTO customers (name) VALUES ('Eve') RETURNING id",
  "UPDATE customers SET name = 'Eve'",
  'DELETE FROM customers',
  'DELETE FROM customers RETURNING *',
  'MERGE INTO numbers USING (SELECT 1 AS n) s ON numbers.n = s.n WHEN MATCHED THEN DELETE',
  'TRUNCATE customers',
  'DROP TABLE customers',
  'DROP TABLE users; --',
  'ALTER TABLE customers ADD COLUMN x int',
  'CREATE TABLE x ()',
  'CREATE TEMP TABLE x ()',
  'CREATE TABLE x AS SELECT 1',
  "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
  'CREATE ROLE eve SUPERUSER',
  'GRANT ALL ON customers TO public',
  "COPY customers TO '/tmp/pgparley-must-not-exist'",
  "COPY (SELECT 1) TO PROGRAM 'true'",
  'COPY customers FROM STDIN',
  'SET default_transaction_read_only = off',
  'SET LOCAL statement_timeout = 0',
  'RESET ALL',
  'DISCARD ALL',
  'BEGIN',
  'COMMIT',
  'ROLLBACK',
  'SAVEPOINT s',
  'DO $$ BEGIN DELETE FROM customers; END $$',
  'CALL f()',
  "PREPARE p AS SELECT 1",
  'EXECUTE p',
  'DECLARE c CURSOR FOR SELECT 1',
  'FETCH ALL FROM c',
  'LISTEN x',
  "NOTIFY x, 'y'",
  'LOCK TABLE customers',
  'VACUUM',
  'ANALYZE',
  'REFRESH MATERIALIZED VIEW analytics.totals',
  "COMMENT ON TABLE customers IS 'x'",
  "LOAD 'x'",
  'CHECKPOINT',
  'REINDEX TABLE customers',
  'SELECT 1; SELECT 2',
  'SELECT 1; DROP TABLE customers',
  "SELECT 1; COMMIT; DROP TABLE customers",
  'SELECT 1 INTO x',
  'SELECT * INTO TEMP x FROM customers',
  'WITH x AS (DELETE FROM customers RETURNING *) SELECT * FROM x',
  "WITH x AS (INSERT INTO customers (name) VALUES ('Eve') RETURNING *) SELECT * FROM x",
  "WITH x AS (UPDATE customers SET name = 'Eve' RETURNING *) SELECT * FROM x",
  'WITH x AS (SELECT 1) DELETE FROM customers',
  'SELECT (WITH x AS (DELETE FROM customers RETURNING 1) SELECT count(*) FROM x)',
  'SELECT * FROM customers FOR UPDATE',
  'SELECT * FROM customers FOR SHARE',
  'SELECT * FROM (SELECT * FROM customers FOR UPDATE) x',
  'EXPLAIN DELETE FROM customers',
  'EXPLAIN ANALYZE DELETE FROM customers',
  'EXPLAIN ANALYZE CREATE TABLE x AS SELECT 1',
  'EXPLAIN (ANALYZE) CREATE TABLE x AS SELECT 1',
  'EXPLAIN EXECUTE p',
];

test('what is not a query is refused and changes nothing', async (t) => {
  const server = await start(t);
  const before = await fingerprint();
  for (const statement of statements) {
    await t.test(statement, async () => {
      const result = await server.query(statement);
      assert.equal(result.isError, true);
      assert.match(textOf(result), /Only SELECT queries are allowed/);
      assert.equal(result.structuredContent.success, false);
      assert.match(result.structuredContent.error.message, /Only SELECT queries are allowed/);
      assert.equal(result.structuredContent.error.retryable, false);
    });
  }
  assert.equal(await fingerprint(), before);
  assert.deepEqual((await server.rows('SELECT 1')).rows, [[1]]);
});

for (const [what, query] of [
  ['the tutorial’s injection', "'; DROP TABLE users; --"],
  ['empty text', ''],
  ['blanks', ' \n\t '],
  ['a comment alone', '-- nothing'],
  ['a semicolon alone', ';'],
  ['an operator run that makes the lexer slow', `SELECT 1 ${'+'.repeat(20_000)} 1`],
  ['text beyond the limit', `SELECT '${'x'.repeat(40_000)}'`],
  ['parentheses 10,000 deep', `SELECT ${'('.repeat(10_000)}1${')'.repeat(10_000)}`],
  ['subqueries 3,000 deep', `${'SELECT ('.repeat(3000)}SELECT 1${')'.repeat(3000)}`],
  ['a sum of 8,000 terms', `SELECT ${'1+'.repeat(8000)}x`],
  ['a psql command', '\\! true'],
  ['a parameter', 'SELECT $1'],
]) {
  test(`${what} is an error, and the server lives`, async (t) => {
    const server = await start(t);
    const result = await server.query(query);
    assert.equal(result.isError, true);
    assert.ok(textOf(result).length < 5000);
    assert.deepEqual((await server.rows('SELECT 1')).rows, [[1]]);
  });
}

test('the injection keeps the promised words', async (t) => {
  const server = await start(t);
  for (const query of ["'; DROP TABLE users; --", 'SELECT 1; DROP TABLE users; --']) {
    assert.match(textOf(await server.query(query)), /Only SELECT queries are allowed/);
  }
});

test('the session is read-only, and no statement can make it otherwise', async (t) => {
  const server = await start(t);
  const read = 'SELECT current_setting($$transaction_read_only$$), current_setting($$default_transaction_read_only$$)';
  assert.deepEqual((await server.rows(read)).rows, [['on', 'on']]);
  await server.query("SELECT set_config('default_transaction_read_only', 'off', false), " +
    "set_config('transaction_read_only', 'off', true)");
  assert.deepEqual((await server.rows(read)).rows, [['on', 'on']]);
  const result = await server.query('SELECT nextval(pg_get_serial_sequence($$customers$$, $$id$$))');
  assert.equal(result.isError, true);
});

test('blocked tables are refused by name, in every guise', async (t) => {
  const server = await start(t);
  for (const query of [
    'SELECT * FROM users',
    'SELECT password FROM public.users',
    'SELECT * FROM "users"',
    'SELECT * FROM USERS',
    'TABLE passwords',
    'SELECT 1 WHERE EXISTS (SELECT FROM api_keys)',
    'WITH x AS (SELECT * FROM users) SELECT * FROM x',
    'SELECT (SELECT max(password) FROM users)',
    'SELECT * FROM customers c JOIN users u ON true',
    'SELECT 1 UNION SELECT id FROM users',
    'SELECT * FROM customers ORDER BY (SELECT 1 FROM users)',
    'SELECT count(*) FILTER (WHERE EXISTS (TABLE users)) FROM customers',
    'EXPLAIN SELECT * FROM users',
    'SELECT * FROM customers, LATERAL (SELECT * FROM users) u',
  ]) {
    await t.test(query, async () => {
      const result = await server.query(query);
      assert.equal(result.isError, true, textOf(result));
      assert.match(textOf(result), /users|passwords|api_keys/);
      assert.doesNotMatch(textOf(result), /hunter2/);
    });
  }
});

test('schemas that are not allowed are refused by name', async (t) => {
  const server = await start(t);
  for (const query of ['SELECT * FROM hidden.plans', 'SELECT (SELECT secret FROM hidden.plans)']) {
    const result = await server.query(query);
    assert.equal(result.isError, true);
    assert.match(textOf(result), /hidden/);
    assert.doesNotMatch(textOf(result), /hunter2/);
  }
  assert.equal((await server.rows('SELECT * FROM analytics.totals')).row_count, 1);
});

test('a name in a string, an alias or a CTE of its own is not a blocked table', async (t) => {
  const server = await start(t);
  for (const query of [
    "SELECT 'users'",
    'SELECT 1 AS users',
    'SELECT users.name FROM customers AS users',
    'WITH users AS (SELECT 1) SELECT * FROM users',
  ]) {
    assert.ok((await server.rows(query)).row_count > 0, query);
  }
});
