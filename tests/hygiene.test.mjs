// Nothing that a call does can change what the next one sees, even if the guard let it through.

import assert from 'node:assert/strict';
import test from 'node:test';
import { startUnguarded } from './lib/guard-unguarded.mjs';
import { startPostgres } from './lib/postgres.mjs';
import { startServer } from './lib/server.mjs';

const postgres = await startPostgres();
await postgres.sql(`
  CREATE SEQUENCE counter; CREATE ROLE other; GRANT ALL ON ALL TABLES IN SCHEMA public TO other;
  CREATE FUNCTION leave_cursor() RETURNS refcursor LANGUAGE plpgsql AS
    $$ DECLARE c refcursor := 'left'; BEGIN OPEN c FOR SELECT 1; RETURN c; END $$`);

/**
 * Everything in a session, and in the tables, that a call could have changed. PL/pgSQL has settings
 * only once it was used.
 */
const FINGERPRINT = `
  SELECT 'setting ' || name AS what, setting AS value FROM pg_settings WHERE name NOT LIKE 'plpgsql.%'
  UNION ALL SELECT 'prepared statement', statement FROM pg_prepared_statements
  UNION ALL SELECT 'cursor', name FROM pg_cursors WHERE name <> '' AND name NOT LIKE '<%'
  UNION ALL SELECT 'lock', mode || ' ' || locktype || coalesce(' on ' || relation::regclass, '') FROM pg_locks
    WHERE pid = pg_backend_pid() AND locktype <> 'virtualxid' AND (locktype, mode) <> ('relation', 'AccessShareLock')
  UNION ALL SELECT 'channel', c FROM pg_listening_channels() c
  UNION ALL SELECT 'user', concat_ws(' ', current_user, session_user, current_role)
  UNION ALL SELECT 'schemas', current_schemas(true)::text
  UNION ALL SELECT 'temporary schema', pg_my_temp_schema()::text
  UNION ALL SELECT 'temporary relation', relname FROM pg_class WHERE relpersistence = 't'
  UNION ALL SELECT 'relations', md5(string_agg(c::text, ',' ORDER BY oid)) FROM pg_class c WHERE oid >= 16384
  UNION ALL SELECT 'functions', md5(string_agg(p::text, ',' ORDER BY oid)) FROM pg_proc p WHERE oid >= 16384
  UNION ALL SELECT 'types', md5(string_agg(t::text, ',' ORDER BY oid)) FROM pg_type t WHERE oid >= 16384
  UNION ALL SELECT 'roles', md5(string_agg(a::text, ',' ORDER BY oid)) FROM pg_authid a
  UNION ALL SELECT 'role settings', string_agg(s::text, ',') FROM pg_db_role_setting s
  UNION ALL SELECT 'large object', oid::text FROM pg_largeobject_metadata
  UNION ALL SELECT 'customers', md5(string_agg(c::text, ',' ORDER BY id)) FROM customers c
  UNION ALL SELECT 'sequence', last_value::text FROM counter
  UNION ALL SELECT 'strings', 'a\\'
  ORDER BY 1, 2`;

// One line each: what a session could keep, and the calls that try to make it keep it.
const attempts = {
  'SET': ["SET work_mem = '1GB'"],
  'SET SESSION': ["SET SESSION search_path = pg_temp, hidden"],
  'SET LOCAL': ['SET LOCAL statement_timeout = 0'],
  'SET of everything that is pinned': ['SET statement_timeout = 0', 'SET lock_timeout = 0',
    'SET idle_in_transaction_session_timeout = 0', 'SET standard_conforming_strings = off',
    'SET default_transaction_read_only = off', 'SET row_security = off', "SET client_encoding = 'LATIN1'",
    'SET client_min_messages = debug5', 'SET backslash_quote = on', "SET timezone = 'Asia/Tokyo'"],
  'SET of a custom setting': ["SET app.tenant = 'red'"],
  'SET SESSION CHARACTERISTICS': ['SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE'],
  'SET TRANSACTION': ['SET TRANSACTION READ WRITE', 'SET TRANSACTION ISOLATION LEVEL READ COMMITTED'],
  'set_config': ["SELECT set_config('work_mem', '1GB', false), set_config('search_path', 'hidden', false)"],
  'set_config of what is pinned': ["SELECT set_config('default_transaction_read_only', 'off', false)",
    "SELECT set_config('standard_conforming_strings', 'off', false)", "SELECT set_config('statement_timeout', '0', false)"],
  'set_config in DO': ["DO $$ BEGIN PERFORM set_config('work_mem', '1GB', false); END $$"],
  'UPDATE pg_settings': ["UPDATE pg_settings SET setting = 'off' WHERE name = 'row_security'"],
  'RESET ALL': ['RESET ALL'],
  'SET ROLE': ['SET ROLE other'],
  'SET LOCAL ROLE': ['SET LOCAL ROLE other'],
  'SET SESSION AUTHORIZATION': ['SET SESSION AUTHORIZATION other'],
  'role by set_config': ["SELECT set_config('role', 'other', false)", "SELECT set_config('session_authorization', 'other', false)"],
  'PREPARE': ['PREPARE p AS SELECT 1', 'PREPARE "select" (int) AS DELETE FROM customers'],
  'PREPARE outside of the transaction': ['COMMIT', 'PREPARE q AS SELECT 1'],
  'DEALLOCATE ALL': ['DEALLOCATE ALL'],
  'a cursor': ['DECLARE c CURSOR FOR SELECT 1'],
  'a cursor WITH HOLD': ['DECLARE c CURSOR WITH HOLD FOR SELECT * FROM customers'],
  'a cursor that a function left': ['SELECT leave_cursor()'],
  'LISTEN': ['LISTEN channel'],
  'NOTIFY': ['NOTIFY channel', "SELECT pg_notify('channel', 'x')"],
  'advisory locks of the session': ['SELECT pg_advisory_lock(1), pg_advisory_lock_shared(2), pg_try_advisory_lock(3, 4)'],
  'advisory locks of the transaction': ['SELECT pg_advisory_xact_lock(1), pg_try_advisory_xact_lock_shared(2)'],
  'LOCK TABLE': ['LOCK TABLE customers'],
  'row locks': ['SELECT * FROM customers FOR UPDATE'],
  'a temporary table': ['CREATE TEMP TABLE customers (x int)', 'CREATE TEMP TABLE t AS SELECT 1', 'SELECT 1 INTO TEMP t'],
  'a temporary table by EXPLAIN ANALYZE': ['EXPLAIN ANALYZE CREATE TEMP TABLE customers AS SELECT 1 AS id'],
  'a temporary view': ['CREATE TEMP VIEW customers AS SELECT 1 AS id'],
  'a temporary function': ["CREATE FUNCTION pg_temp.lower(text) RETURNS text LANGUAGE sql AS 'SELECT 1::text'"],
  'a temporary type': ['CREATE TYPE pg_temp.t AS (a int)', 'CREATE DOMAIN pg_temp.text AS int'],
  'a temporary sequence': ['CREATE TEMP SEQUENCE s'],
  'CREATE TABLE': ['CREATE TABLE x (a int)', 'CREATE TABLE x AS SELECT 1'],
  'CREATE TABLE by EXPLAIN ANALYZE': ['EXPLAIN ANALYZE CREATE TABLE x AS SELECT 1', 'EXPLAIN ANALYZE SELECT 1 AS a INTO x'],
  'CREATE FUNCTION': ["CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'"],
  'INSERT, UPDATE, DELETE': ["INSERT INTO customers (name) VALUES ('x')", "UPDATE customers SET name = 'x'", 'DELETE FROM customers'],
  'a writing CTE': ['WITH d AS (DELETE FROM customers RETURNING 1) SELECT * FROM d'],
  'TRUNCATE': ['TRUNCATE customers CASCADE'],
  'COMMIT': ['COMMIT', 'COMMIT AND CHAIN', 'END'],
  'ROLLBACK': ['ROLLBACK', 'ROLLBACK AND CHAIN', 'ABORT'],
  'BEGIN': ['BEGIN', 'BEGIN READ WRITE', 'START TRANSACTION READ WRITE'],
  'SAVEPOINT': ['SAVEPOINT s'],
  'leaving the transaction, then writing': ['COMMIT', "UPDATE customers SET name = 'x'"],
  'PREPARE TRANSACTION': ["PREPARE TRANSACTION 'x'"],
  'DO with COMMIT': ['DO $$ BEGIN COMMIT; DELETE FROM customers; COMMIT; END $$'],
  'ALTER ROLE': ["ALTER ROLE agent SET work_mem = '1GB'"],
  'a sequence': ["SELECT nextval('counter')", "SELECT setval('counter', 99)"],
  'a large object': ["SELECT lo_from_bytea(0, 'x')", "SELECT lo_create(4711)"],
  'a snapshot': ['SELECT pg_export_snapshot()'],
  'DISCARD': ['DISCARD ALL', 'DISCARD PLANS', 'DISCARD SEQUENCES', 'DISCARD TEMP'],
  'the end of the session': ['SELECT pg_terminate_backend(pg_backend_pid())'],
  'a statement that fails': ['SELECT 1 / 0', 'SELECT nope', 'SELECT'],
  'two statements': ['SELECT 1; SET work_mem = 1024'],
  'a library': ["LOAD 'auto_explain'", "DO $$ BEGIN LOAD 'auto_explain'; END $$"],
};

const read = async (server, query) => (await server.rows(query)).rows;

test('the next call sees the session as it was', async (t) => {
  const server = await startUnguarded(t, postgres.config);
  let sameBackend = 0;
  for (const [what, statements] of Object.entries(attempts)) {
    await t.test(what, async () => {
      const before = await read(server, FINGERPRINT);
      const [[pid]] = await read(server, 'SELECT pg_backend_pid()');
      for (const statement of statements) {
        await server.query(statement);
      }
      assert.deepEqual(await read(server, FINGERPRINT), before);
      const [[next]] = await read(server, 'SELECT pg_backend_pid()');
      sameBackend += pid === next;
    });
  }
  t.diagnostic(`the same backend answered after ${sameBackend} of ${Object.keys(attempts).length} attempts, a fresh one after the others`);
});

test('what a call prepared, another cannot execute', async (t) => {
  const server = await startUnguarded(t, postgres.config);
  await server.query('PREPARE p AS SELECT 42');
  assert.equal((await server.query('EXECUTE p')).isError, true);
  assert.equal((await server.query('FETCH ALL FROM c')).isError, true);
  await server.query('DECLARE c CURSOR WITH HOLD FOR SELECT 42');
  assert.equal((await server.query('FETCH ALL FROM c')).isError, true);
});

test('a notification that a call caused reaches nobody', async (t) => {
  const server = await startUnguarded(t, postgres.config);
  await server.query('LISTEN channel');
  await postgres.sql("NOTIFY channel, 'from outside'");
  assert.deepEqual(await read(server, 'SELECT 1'), [[1]]);
  assert.deepEqual(await read(server, 'SELECT * FROM pg_listening_channels()'), []);
});

// The one thing that outlives a SELECT in the session, so the guard must not let it through.
test('a call cannot foresee the random numbers of the next', async (t) => {
  for (const analysis of ['server', 'local']) {
    const server = await startServer(t, { database: postgres.config, security: { analysis } });
    assert.equal((await server.query('SELECT setseed(0.5)')).isError, true);
  }
});

test('what one call locks, another session can have', async (t) => {
  const server = await startUnguarded(t, postgres.config);
  await server.query('SELECT pg_advisory_lock(7)');
  await server.query('LOCK TABLE customers IN ACCESS EXCLUSIVE MODE');
  assert.equal(await postgres.sql('SELECT pg_try_advisory_lock(7)'), 't');
  await postgres.sql("SET lock_timeout = '1s'; SELECT count(*) FROM customers; RESET lock_timeout");
});

// Texts that come again are kept prepared; these are the ways in which that could show.
test('a query that came often sees what has changed meanwhile', async (t) => {
  await postgres.sql('CREATE TABLE changing AS SELECT 1 AS a');
  const server = await startServer(t, {
    database: { ...postgres.config, pool_size: 1, max_overflow: 0 }, security: { analysis: 'server' } });
  const often = async (query) => {
    for (let i = 0; i < 3; i++) {
      await server.rows(query);
    }
    return (await server.rows(query)).rows;
  };
  assert.deepEqual(await often('SELECT * FROM changing'), [[1]]);
  await postgres.sql('ALTER TABLE changing ADD COLUMN b integer DEFAULT 2');
  assert.deepEqual(await read(server, 'SELECT * FROM changing'), [[1, 2]]);
  await postgres.sql('DROP TABLE changing; CREATE TABLE changing AS SELECT 3 AS a');
  assert.deepEqual(await often('SELECT * FROM changing'), [[3]]);
  await postgres.sql('DROP TABLE changing');
  assert.equal((await server.query('SELECT * FROM changing')).isError, true);
  assert.equal((await often('SELECT 1 / (id - 1) FROM customers WHERE id = 2')).length, 1);
});

test('more queries come again than are kept', async (t) => {
  const server = await startServer(t, {
    database: { ...postgres.config, pool_size: 1, max_overflow: 0 }, security: { analysis: 'server' } });
  for (let round = 0; round < 4; round++) {
    for (let i = 0; i < 50; i++) {
      assert.deepEqual(await read(server, `SELECT ${i} + 1`), [[i + 1]]);
    }
  }
});

test('a query that came often, failed and was cut off leaves its connection usable', async (t) => {
  const { length } = postgres.log;
  const server = await startServer(t, {
    database: { ...postgres.config, pool_size: 1, max_overflow: 0, statement_timeout: 100 },
    security: { analysis: 'server', max_result_bytes: 2000 } });
  for (let round = 0; round < 3; round++) {
    assert.equal((await server.query('SELECT 1 / (count(*) - 10) FROM generate_series(1, 10)')).isError, true);
    assert.equal((await server.query('SELECT count(*) FROM generate_series(1, 1000000000)')).isError, true);
    assert.equal((await server.query('SELECT g FROM generate_series(1, 100000) AS g')).isError, false);
    assert.deepEqual(await read(server, 'SELECT 42'), [[42]]);
  }
  assert.doesNotMatch(postgres.log.slice(length).join('\n'), /WARNING/);
});

test('a query that has nothing to roll back is READ ONLY all the same, whatever the role sets', async (t) => {
  await postgres.sql(`ALTER ROLE agent SET default_transaction_read_only = off;
    ALTER ROLE agent SET default_transaction_isolation = 'serializable'`);
  t.after(() => postgres.sql('ALTER ROLE agent RESET ALL'));
  const server = await startServer(t, {
    database: { ...postgres.config, pool_size: 1, max_overflow: 0 }, security: { analysis: 'server' } });
  for (let i = 0; i < 4; i++) {
    assert.deepEqual(await read(server,
      "SELECT current_setting('transaction_read_only'), current_setting('transaction_isolation')"),
    [['on', 'repeatable read']]);
  }
});

test('a comparison without a trace in the tree is rolled back, too', async (t) => {
  await postgres.sql(`CREATE TYPE shade AS ENUM ('light', 'dark');
    CREATE FUNCTION shade_cmp(shade, shade) RETURNS int LANGUAGE plpgsql IMMUTABLE AS
      $$ BEGIN PERFORM set_config('work_mem', '77MB', false); RETURN 0; END $$;
    CREATE OPERATOR CLASS shade_ops DEFAULT FOR TYPE shade USING btree AS
      OPERATOR 1 < (anyenum, anyenum), FUNCTION 1 shade_cmp(shade, shade);
    CREATE TABLE shades AS SELECT ARRAY['light']::shade[] AS s FROM generate_series(1, 3);
    CREATE FUNCTION span_cmp(int, int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS
      $$ BEGIN PERFORM set_config('work_mem', '77MB', false); RETURN 0; END $$;
    CREATE OPERATOR CLASS span_ops FOR TYPE int USING btree AS OPERATOR 1 <, FUNCTION 1 span_cmp(int, int);
    CREATE TYPE span AS RANGE (subtype = int, subtype_opclass = span_ops);
    CREATE TABLE spans AS SELECT span(1, 2) AS s FROM generate_series(1, 3)`);
  const server = await startServer(t, {
    database: { ...postgres.config, pool_size: 1, max_overflow: 0 },
    security: { analysis: 'server', allowed_functions: ['shade_cmp', 'span_cmp'] } });
  const setting = () => read(server, "SELECT current_setting('work_mem')");
  const before = await setting();
  for (let i = 0; i < 3; i++) {
    for (const table of ['shades', 'spans']) {
      assert.equal((await read(server, `SELECT s FROM ${table} ORDER BY s`)).length, 3);
      assert.deepEqual(await setting(), before);
    }
  }
});
