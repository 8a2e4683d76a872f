// Wrong arguments are the model's mistake: a tool error that says what to write instead.

import assert from 'node:assert/strict';
import test from 'node:test';
import { startServer, textOf } from './lib/server.mjs';

const SQL = 'execute_sql_query', SCHEMA = 'get_database_schema';

// What is wrong, the tool, the arguments, and what the message must contain.
const cases = [
  ['a required argument missing', SQL, {}, [/query/]],
  ['no arguments at all', SQL, undefined, [/query/]],
  ['an argument misspelt', SQL, { query: 'SELECT 1', max_row: 5 }, [/max_row\b/, /max_rows/]],
  ['the required one misspelt', SQL, { qurey: 'SELECT 1' }, [/qurey/, /query/]],
  ['an argument from elsewhere', SCHEMA, { sql: 'SELECT 1' }, [/sql/]],
  ['a misspelt filter', SCHEMA, { schema: 'public' }, [/\bschema\b/, /schema_filter/]],
  ['a string for an integer', SQL, { query: 'SELECT 1', max_rows: 'ten' }, [/max_rows/, /integer/]],
  ['a fraction for an integer', SQL, { query: 'SELECT 1', max_rows: 1.5 }, [/max_rows/, /integer/]],
  ['a number for a string', SQL, { query: 1 }, [/query/, /string/]],
  ['null for a string', SQL, { query: null }, [/query/, /string/]],
  ['an object for a string', SCHEMA, { table: { name: 'x' } }, [/table/, /string/]],
  ['zero rows', SQL, { query: 'SELECT 1', max_rows: 0 }, [/max_rows/, /1\b/]],
  ['negative rows', SQL, { query: 'SELECT 1', max_rows: -1 }, [/max_rows/, /1\b/]],
  ['more rows than any integer', SQL, { query: 'SELECT 1', max_rows: 1e300 }, [/max_rows/]],
  ['a word that is not in the list', SCHEMA, { detail: 'everything' },
    [/detail/, /names/, /columns/, /full/]],
];

for (const [what, tool, args, patterns] of cases) {
  test(`${tool}: ${what}`, async (t) => {
    const server = await startServer(t);
    const result = await server.call(tool, args);
    assert.equal(result.isError, true);
    patterns.forEach((pattern) => assert.match(textOf(result), pattern));
  });
}

for (const name of ['execute_sql', 'EXECUTE_SQL_QUERY', '', 'x'.repeat(1000)]) {
  test(`unknown tool "${name.slice(0, 20)}" is a protocol error`, async (t) => {
    const server = await startServer(t);
    const { error } = await server.modern('tools/call', { name, arguments: {} });
    assert.equal(error.code, -32602);
    assert.ok(error.message.length < 400, 'the message does not repeat all of a long name');
  });
}

test('the same mistakes are tool errors for every legacy version', async (t) => {
  for (const version of ['2024-11-05', '2025-06-18']) {
    const server = await startServer(t);
    await server.initialize(version);
    const { result } = await server.request('tools/call', { name: SQL, arguments: { qurey: 'SELECT 1' } });
    assert.equal(result.isError, true);
    assert.match(textOf(result), /qurey/);
  }
});
