// An error tells the model what to write instead: code, place in its own text, and near names.

import assert from 'node:assert/strict';
import test from 'node:test';
import { startPostgres } from './lib/postgres.mjs';
import { startServer, textOf } from './lib/server.mjs';

const postgres = await startPostgres();

// Query, SQLSTATE, line and column in the query, and what the text must contain.
const cases = [
  ['SELECT * FROM custmers', '42P01', 1, 15, [/custmers/, /customers/]],
  ['SELECT *\nFROM custmers', '42P01', 2, 6, [/customers/]],
  ['SELECT nam FROM customers', '42703', 1, 8, [/nam\b/, /\bname\b/]],
  ['SELECT c.balanc FROM customers c', '42703', 1, 8, [/balance/]],
  ["SELECT 'ééé', nope", '42703', 1, 15, [/nope/]],
  ['-- first\n  SELECT\n\tnope;', '42703', 3, 2, [/nope/]],
  ['WITH t AS (\n  SELECT nope\n) SELECT * FROM t', '42703', 2, 10, [/nope/]],
  ['SELECT 1 FROM customers WHERE', '42601', 1, 30, [/end of input/]],
  ['SELECT 1 +* 2 FRM x', '42601', 1, 19, [/"x"/]],
  ["SELECT 'open", '42601', 1, 8, [/quoted string/]],
  ['SELECT 1 / 0', '22012', undefined, undefined, [/division by zero/]],
  ["SELECT 'x'::int", '22P02', 1, 8, [/integer/]],
  ['SELECT lenght(name) FROM customers', '42883', 1, 8, [/lenght/]],
  ['SELECT name, count(*) FROM customers', '42803', 1, 8, [/GROUP BY/]],
  ['SELECT id FROM customers JOIN orders ON orders.customer_id = customers.id', '42702', 1, 8, [/ambiguous/]],
  ["SELECT * FROM orders WHERE status = 'payed'", '22P02', 1, 37, [/order_status/, /payed/]],
  ['SELECT * FROM nowhere.table_x', '42P01', 1, 15, [/nowhere/]],
  ['EXPLAIN SELECT nope', '42703', 1, 16, [/nope/]],
];

test('errors carry SQLSTATE, line and column of the user’s own text', async (t) => {
  const server = await startServer(t, { database: postgres.config });
  for (const [query, sqlstate, line, column, patterns] of cases) {
    await t.test(query, async () => {
      const result = await server.query(query);
      assert.equal(result.isError, true);
      const { error } = result.structuredContent;
      assert.deepEqual([error.sqlstate, error.line, error.column], [sqlstate, line, column]);
      assert.equal(error.retryable, false);
      assert.ok(textOf(result).includes(sqlstate));
      patterns.forEach((pattern) => assert.match(textOf(result), pattern));
    });
  }
});

test('PostgreSQL’s own DETAIL and HINT arrive, but no DETAIL that can quote data', async (t) => {
  const server = await startServer(t, { database: postgres.config });
  const { error } = (await server.query('SELECT ROW(1)::customers')).structuredContent;
  assert.match(error.detail, /too few columns/);
  assert.doesNotMatch(textOf(await server.query("SELECT ('{secret ' || name)::json FROM customers")),
    /secret|DETAIL/);
  const { error: typed } = (await server.query("SELECT name + 1 FROM customers")).structuredContent;
  assert.match(typed.hint, /explicit type casts/);
});

test('the wrapping of the query never shows', async (t) => {
  const server = await startServer(t, { database: postgres.config });
  for (const query of ['SELECT * FROM custmers', 'SELECT nope', 'SELECT 1 FROM', 'SELECT a.* FROM (SELECT 1) b']) {
    assert.doesNotMatch(textOf(await server.query(query)), /LIMIT|subquery/i);
  }
});

test('revisions without structuredContent get it all as text', async (t) => {
  const server = await startServer(t, { database: postgres.config });
  await server.initialize('2024-11-05');
  const { result } = await server.request('tools/call', {
    name: 'execute_sql_query', arguments: { query: 'SELECT *\nFROM custmers' } });
  assert.equal(result.isError, true);
  assert.match(textOf(result), /42P01/);
  assert.match(textOf(result), /line 2/i);
  assert.match(textOf(result), /customers/);
});
