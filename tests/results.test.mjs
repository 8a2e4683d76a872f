// Cells keep their meaning on the way from PostgreSQL to JSON.

import assert from 'node:assert/strict';
import test from 'node:test';
import Ajv2020 from 'ajv/dist/2020.js';
import { startPostgres } from './lib/postgres.mjs';
import { startServer, textOf } from './lib/server.mjs';

const postgres = await startPostgres();
const start = (t, security = {}) => startServer(t, { database: postgres.config, security });

// SQL expression, type shown, cell.
const cells = [
  ['1', 'integer', 1],
  ['(-32768)::int2', 'smallint', -32768],
  ['9007199254740991', 'bigint', 9007199254740991],
  ['9007199254740993', 'bigint', '9007199254740993'],
  ["(-9223372036854775808)::int8", 'bigint', '-9223372036854775808'],
  ["'0.10'::numeric", 'numeric', '0.10'],
  ["'12345678901234567890.123456789'::numeric", 'numeric', '12345678901234567890.123456789'],
  ["'NaN'::numeric", 'numeric', 'NaN'],
  ['0.1::float8', 'double precision', 0.1],
  ['1e300::float8', 'double precision', 1e300],
  ['1.5::real', 'real', 1.5],
  ["'NaN'::float8", 'double precision', 'NaN'],
  ["'-Infinity'::float8", 'double precision', '-Infinity'],
  ["'Infinity'::real", 'real', 'Infinity'],
  ['true', 'boolean', true],
  ['NULL::boolean', 'boolean', null],
  ['NULL::text', 'text', null],
  ["''::text", 'text', ''],
  ["'null'::text", 'text', 'null'],
  [`E'a"b\\\\c\\n\\t\\u0001\\u2028é😀'::text`, 'text', 'a"b\\c\n\t\u0001\u2028é😀'],
  ["'ab'::varchar(5)", 'character varying(5)', 'ab'],
  ["'ab'::char(4)", 'character(4)', 'ab  '],
  [`'\\x00ff10'::bytea`, 'bytea', '\\x00ff10'],
  ["'2024-02-29'::date", 'date', '2024-02-29'],
  ["'infinity'::date", 'date', 'infinity'],
  ["'2024-02-29 12:34:56.789'::timestamp", 'timestamp without time zone', '2024-02-29 12:34:56.789'],
  ["'2024-02-29 12:34:56+02'::timestamptz", 'timestamp with time zone', '2024-02-29 10:34:56+00'],
  ["'1 day 02:00'::interval", 'interval', '1 day 02:00:00'],
  [`'{"b":1, "a":[1,null,"x"]}'::jsonb`, 'jsonb', { a: [1, null, 'x'], b: 1 }],
  [`'{"b" : 1}'::json`, 'json', { b: 1 }],
  [`E'{\\n"a":\\r\\n1}'::json`, 'json', { a: 1 }],
  ["'null'::jsonb", 'jsonb', 'null'],
  [`'"text"'::jsonb`, 'jsonb', '"text"'],
  ["'00000000-0000-0000-0000-00000000000a'::uuid", 'uuid', '00000000-0000-0000-0000-00000000000a'],
  ["'new'::order_status", 'order_status', 'new'],
  ["'DE'::country_code", 'country_code', 'DE'],
  ["'[1,5)'::int4range", 'int4range', '[1,5)'],
  ["ROW(1, 'a')", 'record', '(1,a)'],
];

test('cells of every kind', async (t) => {
  const server = await start(t);
  for (const [expression, type, cell] of cells) {
    await t.test(expression, async () => {
      const { columns, rows } = await server.rows(`SELECT ${expression} AS cell`);
      assert.deepEqual(rows, [[cell]]);
      assert.equal(columns[0].name, 'cell');
      // A row description knows the domain only as its base type, the length not always.
      if (!['country_code'].includes(type)) {
        assert.equal(columns[0].type.replace(/^public\./, ''), type);
      }
    });
  }
});

test('numbers inside json are not rounded', async (t) => {
  const server = await start(t);
  const { line } = await server.modern('tools/call', { name: 'execute_sql_query',
    arguments: { query: `SELECT '{"n": 12345678901234567890.5}'::jsonb` } });
  assert.ok(line.includes('12345678901234567890.5'), line);
});

test('arrays keep their elements apart', async (t) => {
  const server = await start(t);
  const { columns, rows } = await server.rows('SELECT tags, ARRAY[[1,2],[3,4]] FROM customers ORDER BY id');
  assert.deepEqual(columns.map((column) => column.type), ['text[]', 'integer[]']);
  assert.deepEqual(rows, [['{early,"vip, gold"}', '{{1,2},{3,4}}'], [null, '{{1,2},{3,4}}']]);
});

test('json nested deeper than parsers like still arrives as one valid line', async (t) => {
  const server = await start(t);
  const { rows } = await server.rows("SELECT (repeat('[', 3000) || repeat(']', 3000))::json");
  assert.equal(rows.length, 1);
});

test('duplicate and odd column names are kept', async (t) => {
  const server = await start(t);
  const { columns, rows } = await server.rows('SELECT 1 AS a, 2 AS a, 3 AS "A b", 4 AS "é""", 5');
  assert.deepEqual(columns.map((column) => column.name), ['a', 'a', 'A b', 'é"', '?column?']);
  assert.deepEqual(rows, [[1, 2, 3, 4, 5]]);
});

test('no rows, no columns', async (t) => {
  const server = await start(t);
  const empty = await server.rows('SELECT n FROM numbers WHERE false');
  assert.deepEqual([empty.columns.length, empty.rows, empty.row_count, empty.truncated], [1, [], 0, false]);
  const bare = await server.rows('SELECT FROM numbers WHERE n <= 2');
  assert.deepEqual([bare.columns, bare.rows, bare.row_count], [[], [[], []], 2]);
});

// SQL that must run as it stands, and its rows.
const queries = [
  ['SELECT 1;', [[1]]],
  ['  SELECT 1 ;  ', [[1]]],
  ['SELECT 1 -- one', [[1]]],
  ['SELECT 1; -- one', [[1]]],
  ['/* first; */ SELECT 1 /* last */ ;', [[1]]],
  ["SELECT ';' -- ; DROP TABLE customers", [[';']]],
  ['SELECT n FROM numbers ORDER BY n DESC LIMIT 2', [[5000], [4999]]],
  ['SELECT n FROM numbers ORDER BY n LIMIT 1 OFFSET 1;', [[2]]],
  ['SELECT n FROM numbers ORDER BY n FETCH FIRST 1 ROW ONLY', [[1]]],
  ['WITH t AS (SELECT 1 AS a) SELECT a + 1 FROM t', [[2]]],
  ['WITH RECURSIVE t(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM t WHERE n < 3) SELECT n FROM t', [[1], [2], [3]]],
  ["VALUES (1, 'a'), (2, 'b')", [[1, 'a'], [2, 'b']]],
  ['TABLE orders', [[1, 1, 'paid', '2025-05-01'], [2, 1, 'new', '2025-05-02']]],
  ['(SELECT 1)', [[1]]],
  ['SELECT 1 UNION ALL SELECT 2', [[1], [2]]],
  ['select name from CUSTOMERS where balance > 0', [['Ada']]],
  ['SELECT name FROM debtors', [['Bob']]],
  ['SELECT orders FROM analytics.totals', [[2]]],
  ['SELECT a, b FROM (SELECT 1 AS a) x CROSS JOIN (SELECT 2 AS b) y', [[1, 2]]],
  ["SELECT 'Only SELECT; DELETE FROM users'", [['Only SELECT; DELETE FROM users']]],
];

test('queries run as they are written', async (t) => {
  const server = await start(t);
  for (const [query, expected] of queries) {
    await t.test(query, async () => {
      const { rows, row_count } = await server.rows(query);
      assert.deepEqual(rows, expected);
      assert.equal(row_count, expected.length);
    });
  }
});

test('EXPLAIN shows the plan', async (t) => {
  const server = await start(t);
  const plan = await server.rows('EXPLAIN SELECT * FROM numbers');
  assert.match(plan.rows[0][0], /Seq Scan on numbers/);
  const json = await server.rows('EXPLAIN (FORMAT JSON) SELECT 1');
  assert.equal(json.rows[0][0][0].Plan['Node Type'], 'Result');
});

test('the order of ORDER BY is kept', async (t) => {
  const server = await start(t, { max_result_bytes: 10_000_000 });
  const { rows } = await server.rows('SELECT n FROM numbers ORDER BY n DESC', { max_rows: 1000 });
  assert.deepEqual(rows.map(([n]) => n), Array.from({ length: 1000 }, (_, i) => 5000 - i));
});

test('a query that changes its own encoding cannot break the message', async (t) => {
  const server = await start(t);
  for (const encoding of ['SJIS', 'LATIN1', 'UHC']) {
    await server.query(`SELECT set_config('client_encoding', '${encoding}', true), '"\u8868\u00e9"'::json`);
  }
  assert.deepEqual((await server.rows("SELECT 'é'")).rows, [['é']]);
});

test('max_rows truncates and says so', async (t) => {
  const server = await start(t);
  const cut = await server.rows('SELECT n FROM numbers ORDER BY n', { max_rows: 3 });
  assert.deepEqual([cut.rows, cut.row_count, cut.truncated], [[[1], [2], [3]], 3, true]);
  assert.match(cut.truncated_by, /row/);
  assert.ok(cut.hint);
  const exact = await server.rows('SELECT n FROM numbers WHERE n <= 3', { max_rows: 3 });
  assert.deepEqual([exact.row_count, exact.truncated], [3, false]);
  const own = await server.rows('SELECT n FROM numbers LIMIT 5', { max_rows: 3 });
  assert.deepEqual([own.row_count, own.truncated], [3, true]);
});

test('max_rows_returned is the most that max_rows can ask for', async (t) => {
  const server = await start(t, { max_rows_returned: 10 });
  const cut = await server.rows('SELECT n FROM numbers ORDER BY n');
  assert.deepEqual([cut.row_count, cut.truncated], [10, true]);
  const result = await server.query('SELECT n FROM numbers', { max_rows: 1000 });
  assert.ok(result.isError ? /max_rows.*10\b/.test(textOf(result)) : result.structuredContent.row_count === 10);
});

test('max_result_bytes bounds the whole answer', async (t) => {
  const server = await start(t, { max_result_bytes: 20_000 });
  const answer = await server.modern('tools/call', { name: 'execute_sql_query',
    arguments: { query: "SELECT n, repeat('x', 1000) FROM numbers ORDER BY n" } });
  const cut = answer.result.structuredContent;
  assert.ok(cut.truncated && cut.row_count > 5 && cut.row_count < 20, `${cut.row_count} rows`);
  assert.match(cut.truncated_by, /byte/);
  assert.equal(cut.rows.at(-1)[0], cut.row_count);
  assert.ok(answer.line.length < 60_000, `${answer.line.length} bytes`);
});

test('max_cell_bytes cuts one value, marks it, and leaves valid text', async (t) => {
  const server = await start(t, { max_cell_bytes: 100 });
  const { rows: [[long, short]], ...rest } = await server.rows("SELECT repeat('é', 5000), 'whole'");
  assert.ok(Buffer.byteLength(long) < 200, `${Buffer.byteLength(long)} bytes`);
  assert.match(long, /^é{10,50}[^é�]/);
  assert.equal(short, 'whole');
  assert.equal(rest.row_count, 1);
});

test('a huge table is not read to its end', async (t) => {
  const server = await start(t);
  const result = await server.rows('SELECT a.n FROM numbers a, numbers b, numbers c', { max_rows: 5 });
  assert.equal(result.row_count, 5);
  assert.ok(result.execution_time_ms < 5000, `${result.execution_time_ms} ms`);
});

test('the text shows the table to a model that sees nothing else', async (t) => {
  const server = await start(t);
  const text = textOf(await server.query('SELECT id, name, email FROM customers ORDER BY id'));
  for (const part of ['id', 'name', 'email', 'Ada', 'ada@example.com', 'Bob', '2 rows']) {
    assert.ok(text.includes(part), text);
  }
});

test('revisions without structuredContent get the text alone', async (t) => {
  const server = await start(t);
  await server.initialize('2025-03-26');
  const { result } = await server.request('tools/call', {
    name: 'execute_sql_query', arguments: { query: 'SELECT name FROM customers' } });
  assert.equal('structuredContent' in result, false);
  assert.match(textOf(result), /Ada/);
});

test('structured results conform to the output schema, if one is announced', async (t) => {
  const server = await start(t);
  const { tools } = (await server.modern('tools/list')).result;
  const results = {
    execute_sql_query: await server.query('SELECT * FROM customers'),
    get_database_schema: await server.call('get_database_schema', {}),
  };
  for (const { name, outputSchema } of tools.filter((tool) => tool.outputSchema)) {
    const validate = new Ajv2020({ strict: false }).compile(outputSchema);
    assert.ok(validate(results[name].structuredContent), JSON.stringify(validate.errors));
  }
});

test('max_query_bytes bounds the text', async (t) => {
  const server = await start(t, { max_query_bytes: 300 });
  assert.equal((await server.rows(`SELECT 1 -- ${'x'.repeat(200)}`)).row_count, 1);
  const result = await server.query(`SELECT 1 -- ${'x'.repeat(400)}`);
  assert.equal(result.isError, true);
  assert.match(textOf(result), /300/);
});
