// `pgparley check` on a database: what the role could do, and what the policy makes of what is there.

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { startPostgres } from './lib/postgres.mjs';
import { run, startServer, temporaryDirectory, textOf, writeConfig } from './lib/server.mjs';

const postgres = await startPostgres();
await postgres.sql(`
  CREATE ROLE owner LOGIN CREATEDB;
  CREATE ROLE team; GRANT team TO owner; GRANT pg_read_server_files, pg_monitor TO owner;
  GRANT CREATE ON DATABASE shop TO owner;
  ALTER TABLE users OWNER TO owner; ALTER SCHEMA analytics OWNER TO owner;
  GRANT INSERT ON customers TO owner; GRANT SELECT ON passwords TO owner;
  CREATE ROLE reader LOGIN;
  GRANT SELECT ON customers, orders TO reader;
  CREATE VIEW logins AS SELECT id FROM users;
  CREATE FUNCTION greet() RETURNS text LANGUAGE sql SECURITY DEFINER AS 'SELECT 1::text'`);

const shown = { allowed_schemas: ['public', 'analytics'], blocked_tables: ['users', 'passwords', 'api_keys'] };

const check = async (t, username, { security = shown, args = [], ...rest } = {}) => {
  const config = { database: { ...postgres.config, username }, security, ...rest };
  const result = await run(['check', '--config', await writeConfig(t, config), ...args]);
  return { ...result, lines: result.stdout.trimEnd().split('\n').map((line) => line.split('\t')) };
};
const of = ({ lines }, kind) => lines.filter(([first]) => first === kind).map(([, text]) => text);
const has = (result, kind, pattern) => assert.ok(of(result, kind).some((text) => pattern.test(text)),
  `no ${kind} ${pattern} in\n${result.stdout}${result.stderr}`);

test('a superuser is a danger, and the cure is named', async (t) => {
  const result = await check(t, 'agent');
  assert.equal(result.code, 0);
  assert.equal(result.stderr, '');
  has(result, 'danger', /superuser/);
  assert.equal(of(result, 'danger').length, 1);
  assert.match(result.lines.find(([first]) => first === 'danger')[2], /pgparley grants/);
});

test('an owner: what it owns, may change, read, create, and whose member it is', async (t) => {
  const result = await check(t, 'owner');
  for (const danger of [/pg_read_server_files/, /pg_monitor/, /owns schemas.*: analytics/, /owns tables.*: public\.users/,
    /change rows of .*public\.customers/, /policy hides: .*public\.users/, /create schemas/, /SECURITY DEFINER\): public\.greet/]) {
    has(result, 'danger', danger);
  }
  has(result, 'warning', /CREATEDB/);
  has(result, 'warning', /member of team/);
  has(result, 'warning', /temporary tables/);
  has(result, 'warning', /pg_advisory_lock|lo_create/);
  assert.doesNotMatch(result.stdout, /pg_read_all_stats/, 'that comes with pg_monitor');
});

test('the role of `pgparley grants` passes, also where privilege is required', async (t) => {
  const config = await writeConfig(t, { database: postgres.config, security: shown });
  await postgres.sql((await run(['grants', '--harden', '--config', config])).stdout);
  t.after(() => postgres.sql('GRANT EXECUTE ON FUNCTION greet() TO PUBLIC'));
  const result = await check(t, 'pgparley_reader', { security: { ...shown, require_least_privilege: 'enforce' } });
  assert.equal(result.code, 0, result.stderr + result.stdout);
  assert.deepEqual(of(result, 'danger'), []);
  for (const fine of [/no superuser/, /owns no table/, /nothing that the policy hides/, /log_min_messages/]) {
    has(result, 'fine', fine);
  }
});

test('where privilege is required, check fails and no query is answered', async (t) => {
  const security = { ...shown, require_least_privilege: 'enforce' };
  const { code, stderr } = await check(t, 'owner', { security });
  assert.equal(code, 3);
  assert.match(stderr, /owner .*require_least_privilege/);
  const server = await startServer(t, { database: { ...postgres.config, username: 'owner' }, security });
  const answers = await Promise.all([server.query('SELECT name FROM customers'), server.query('SELECT 1'),
    server.query('SHOW work_mem'), server.call('get_database_schema', {})]);
  for (const answer of answers) {
    assert.ok(answer.isError);
    assert.match(textOf(answer), /role .*can do more than it should[^]*pgparley check/);
    assert.doesNotMatch(textOf(answer), /public\.|pg_monitor/);
  }
  assert.equal(server.stderr.match(/error: the role owner /g).length, 1, server.stderr);
});

test('otherwise the log warns, once', async (t) => {
  const server = await startServer(t, { database: postgres.config, security: shown });
  assert.match(textOf(await server.query('DROP TABLE customers')), /./);
  assert.equal(server.stderr, '', 'nothing has been read yet');
  await Promise.all([server.rows('SELECT 1'), server.rows('SELECT 2'), server.call('get_database_schema', {})]);
  await server.rows('SELECT 3');
  assert.equal(server.stderr.match(/warning: the role agent .*superuser.*pgparley check/g).length, 1, server.stderr);
});

test('what is hidden is told with the reason and the key', async (t) => {
  const result = await check(t, 'agent');
  const reason = (name) => result.lines.find(([kind, what]) => kind === 'hidden' && what === name)?.[2];
  assert.match(reason('public.logins'), /public\.users.*allowed_views/);
  assert.match(reason('public.users'), /blocked_tables/);
  assert.match(reason('analytics.remote_stock'), /foreign/);
  assert.equal(reason('hidden.plans'), undefined, 'its schema may not be read, which is said already');
  has(result, 'policy', /^\d+ tables and views are shown; \d+ are hidden/);
  has(result, 'policy', /stay refused: public\.greet.*allowed_functions/);
});

test('at most thirty of them', async (t) => {
  await postgres.sql(`DO 'BEGIN FOR i IN 1..40 LOOP EXECUTE format(''CREATE TABLE secret_%s ()'', i); END LOOP; END'`);
  t.after(() => postgres.sql(`DO 'BEGIN FOR i IN 1..40 LOOP EXECUTE format(''DROP TABLE secret_%s'', i); END LOOP; END'`));
  const result = await check(t, 'agent', { security: { blocked_tables: ['secret_*'] } });
  assert.equal(of(result, 'hidden').length, 30);
  has(result, 'policy', /^\d+ more are hidden/);
});

test('entries that match nothing are pointed out with what was meant', async (t) => {
  const result = await check(t, 'agent', { security: {
    allowed_schemas: ['public', 'analytisc', 'pub*'], blocked_tables: ['userss', 'users', 'public.custmers'],
    allowed_views: ['debtor'], allowed_functions: ['gret', 'pg_sleep', 'pg_catalog.pg_sleep'],
    blocked_columns: ['customers.emial', 'customers.email'], allowed_tables: ['*'],
  } });
  assert.deepEqual(of(result, 'warning').filter((text) => text.startsWith('security.')), [
    ['allowed_schemas', 'analytisc', 'analytics'], ['allowed_views', 'debtor', 'debtors'],
    ['allowed_functions', 'gret', 'greet'], ['allowed_functions', 'pg_sleep', 'pg_catalog.pg_sleep'],
    ['blocked_tables', 'userss', 'users'], ['blocked_tables', 'public.custmers', 'customers'],
    ['blocked_columns', 'customers.emial', 'email'],
  ].map(([key, entry, meant]) => `security.${key}: "${entry}" matches nothing in this database; did you mean "${meant}"?`));
});

test('columns that the policy hides and the role may read', async (t) => {
  const result = await check(t, 'reader', { security: { blocked_columns: ['customers.email'] } });
  has(result, 'danger', /columns that the policy hides: customers\.email/);
});

test('a database that cannot be reached', async (t) => {
  const result = await check(t, 'agent', { database: { host: '/nonexistent' } });
  assert.equal(result.code, 1);
  assert.match(result.stderr, /cannot connect/);
  has(result, 'policy', /read-only/);
  const offline = await check(t, 'agent', { database: { host: '/nonexistent' }, args: ['--offline'] });
  assert.equal(offline.code, 0);
  assert.equal(offline.stderr, '');
});

test('every line stands for itself', async (t) => {
  await postgres.sql('CREATE TABLE "a\tb\nc" ()');
  t.after(() => postgres.sql('DROP TABLE "a\tb\nc"'));
  const result = await check(t, 'owner', { security: { blocked_tables: ['a*'] } });
  for (const [kind, ...rest] of result.lines) {
    assert.match(kind, /^(\w+\.\w+|policy|warning|danger|fine|hidden)$/);
    assert.ok(rest.length >= 1 && rest.length <= 2, rest.join('|'));
  }
  has(result, 'hidden', /^public\.a\?b\?c$/);
});

test('a section llm that cannot work', async (t) => {
  const off = async (llm) => of(await check(t, 'reader', { llm }), 'warning').filter((text) => /plain language/.test(text));
  const whole = { base_url: 'https://api.example.com/v1', model: 'm' };
  assert.deepEqual(await off({}), []);
  assert.deepEqual(await off(whole), []);
  assert.match((await off({ model: 'm' }))[0], /are off: llm\.base_url is not set; .*https:/);
  assert.match((await off({ ...whole, model: '' }))[0], /no model is named; set llm\.model/);
  assert.match((await off({ ...whole, base_url: 'api.example.com' }))[0], /not an address of the web/);
  assert.match((await off({ ...whole, api_key: 'k', base_url: 'http://gpu/v1' }))[0], /plain text; .*llm\.allow_plain_http/);
});

test('lines of the semantic file that do not fit the database', async (t) => {
  const file = path.join(await temporaryDirectory(t), 'semantics.yaml');
  await writeFile(file, `terms:
  - {term: buyer, tables: [public.custmers]}
  - {term: mail, columns: [public.customers.emial]}
  - {term: nothing, columns: [plainly]}
  - {term: login, tables: [public.users]}
  - {term: fine, tables: [customers], columns: [public.customers.name]}
metrics:
  - {name: owed, sql: sum(balnace), table: public.customers}
  - {name: good, sql: sum(balance) -- all of it, table: public.customers}
joins:
  - {from: public.orders.customer_id, to: public.customers.name}
  - {from: public.orders.customer_id, to: public.customers.id}
filters:
  - {table: public.orders, where: "status = 'shipped'"}
  - {table: public.orders, where: "status <> 'new'"}
examples:
  - {question: What?, sql: SELECT name FORM customers}
  - {question: How many?, sql: SELECT count(*) FROM ordres}
  - {question: Who logs in?, sql: SELECT login FROM users}
  - {question: Who?, sql: SELECT name FROM customers}
`);
  const llm = { semantics: file };
  const result = await check(t, 'reader', { llm });
  assert.equal(result.code, 0, result.stderr);
  assert.equal(result.stderr, '');
  const told = (kind) => of(result, kind).filter((text) => text.startsWith(file)).map((text) => text.slice(file.length + 1));
  const expected = [
    /^2: there is no table "public\.custmers" that the role may read; did you mean (public\.)?customers\?$/,
    /^3: (public\.)?customers has no column "emial"; did you mean "email"\?$/,
    /^4: "plainly" is not written as schema\.table\.column$/,
    /^5: there is no table "public\.users" that the role may read/,
    /^8: column "balnace" does not exist; .*"customers\.balance"/,
    /^11: operator does not exist: \w+ = text/,
    /^14: invalid input value for enum .*"shipped"/,
    /^17: syntax error at or near "customers"/,
    /^18: relation "ordres" does not exist/,
    /^19: .*users/,
  ];
  assert.equal(told('warning').length, expected.length, result.stdout);
  told('warning').forEach((text, i) => assert.match(text, expected[i]));

  const owner = await check(t, 'agent', { llm });
  assert.ok(of(owner, 'policy').some((text) => text.endsWith(':5 is not used: "public.users" is hidden by the policy.')), owner.stdout);

  const server = await startServer(t, { database: { ...postgres.config, username: 'reader' }, security: shown, llm });
  for (const question of ['Who?', 'What?']) {
    await server.call('get_database_schema', { question });
  }
  assert.equal(server.stderr.match(/warning: .*semantics\.yaml:2 is not used: there is no table "public\.custmers"/g).length, 1, server.stderr);
});
