// The role that `pgparley grants` writes: what PostgreSQL stops by itself, with nothing to guard it.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { startPostgres } from './lib/postgres.mjs';
import { run, startServer, textOf, UNGUARDED, writeConfig } from './lib/server.mjs';

const corpus = (name) => readFileSync(new URL(`corpus/guard/${name}`, import.meta.url), 'utf8');
const statements = (...names) => names.flatMap((name) => corpus(name).trim().split('\n').map(JSON.parse));
const attacks = statements('attacks.jsonl', 'attacks-more.jsonl').filter(
  ({ expect, sql, sql_b64: bytes }) => expect === 'deny' && bytes === undefined && sql.isWellFormed());
const benign = statements('benign.jsonl', 'benign-more.jsonl');

const SECRET = /CANARY\w*|43414e415259[0-9a-f]*|root:x:0/i;
const security = {
  allowed_schemas: ['public', 'analytics'], blocked_tables: ['users', 'passwords', 'api_keys'],
};

// Kinds of statements that no role can be kept from: which, why, and whether they may tell a secret.
const LEFT = [
  [/^(session-set|txn-control)-/, 'every session may set its parameters, and begin and end transactions'],
  [/^(procedural|utility)-/, 'every session may prepare, declare, listen, notify and run blocks, with its own rights'],
  [/^utility-20[789]$/, 'ANALYZE passes over the tables of others'],
  [/^settings-leak-/, 'every role may read every setting but those that only superusers see', true],
  [/^blocked-indirect-/, 'the system catalogs belong to PUBLIC, with sources, settings and sizes', true],
  [/^explain-228$/, 'so do the statistics, of which a role sees its own part'],
  [/^func-(file-0?1[89]|file-215|largeobject-014|admin-22[456]|replication-213)$/, 'what they tell is in the catalogs'],
  [/^(explain-018|func-admin-(204|205|227))$/, 'every role may sleep until its statement_timeout'],
  [/^func-admin-(010|031|203|213|214)$/, 'a session may cancel, seed and reset itself'],
  [/^func-lock-(009|208|209)$/, 'a session may give back what it holds; pgparley itself does'],
  [/^func-extension-22[67]$/, 'sampling methods cannot be revoked, and read what may be read'],
  [/^(operator-cast-type-233|blocked-indirect-047)$/, 'row types show names of columns, and no rows'],
  [/^(obfuscation-255|blocked-cte-216|explain-207|select-into-220)$/, 'PostgreSQL runs nothing of it'],
  [/^tricks-(01[3-7]|24[01])$/, 'it is empty'],
];

const postgres = await startPostgres();
await postgres.sql("CREATE DATABASE guard TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'", 'postgres');
await postgres.sql(corpus('schema.sql'), 'guard');

const database = (username) => ({
  ...postgres.config, database: 'guard', username, statement_timeout: 3000,
});

const grants = async (t, args = [], policy = security) => {
  const config = await writeConfig(t, { database: database('postgres'), security: policy });
  const { code, stdout, stderr } = await run(['grants', '--config', config, ...args]);
  assert.equal(code, 0, stderr);
  assert.equal(stderr, '');
  return stdout;
};

/** Every privilege in the database that is not the new role's. */
const rightsOfOthers = () => postgres.sql(`
  SELECT o, a.* FROM (
    SELECT 'r' || oid::text, relacl FROM pg_class UNION ALL
    SELECT 'a' || attrelid::text || attname, attacl FROM pg_attribute UNION ALL
    SELECT 'n' || oid::text, nspacl FROM pg_namespace UNION ALL
    SELECT 'f' || oid::text, coalesce(proacl, acldefault('f', proowner)) FROM pg_proc UNION ALL
    SELECT 'd' || oid::text, datacl FROM pg_database) AS x(o, acl), aclexplode(acl) AS a
  WHERE a.grantee <> coalesce(to_regrole('pgparley_reader')::oid, 1)
    AND a.grantee <> a.grantor ORDER BY 1, a.grantee, a.privilege_type`, 'guard');

test('the script changes nothing but its role, and may be run again', async (t) => {
  const script = await grants(t);
  const before = await rightsOfOthers();
  await postgres.sql(script, 'guard');
  assert.equal(await rightsOfOthers(), before);
  await postgres.sql(script, 'guard');
  assert.equal(await rightsOfOthers(), before);
  assert.doesNotMatch(script, /password '/i);
  assert.match(script, /\\password pgparley_reader/);
});

test('what the policy no longer shows is taken away', async (t) => {
  const may = (what) => postgres.sql(`SELECT ${what}`, 'guard');
  await postgres.sql(await grants(t), 'guard');
  assert.equal(await may("has_table_privilege('pgparley_reader', 'customers', 'SELECT')"), 't');
  await postgres.sql('GRANT guard_app TO pgparley_reader; GRANT ALL ON users TO pgparley_reader', 'guard');
  await postgres.sql(await grants(t, [], {
    allowed_schemas: ['public'], blocked_columns: ['customers.email'], blocked_tables: ['orders', 'users'],
  }), 'guard');
  assert.equal(await may(`has_table_privilege('pgparley_reader', 'users', 'SELECT, INSERT')
    OR has_table_privilege('pgparley_reader', 'orders', 'SELECT')
    OR has_schema_privilege('pgparley_reader', 'analytics', 'USAGE')
    OR has_column_privilege('pgparley_reader', 'customers', 'email', 'SELECT')
    OR pg_has_role('pgparley_reader', 'guard_app', 'MEMBER')`), 'f');
  assert.equal(await may("has_column_privilege('pgparley_reader', 'customers', 'name', 'SELECT')"), 't');
});

test('a role of any name', async (t) => {
  const role = `O'Neil "$$" \\ x`;
  const script = await grants(t, ['--role', role]);
  await postgres.sql(script, 'guard');
  const quoted = `'${role.replaceAll("'", "''")}'`;
  assert.equal(await postgres.sql(`SELECT has_table_privilege(${quoted}, 'customers', 'SELECT')`, 'guard'), 't');
});

test('nothing but what no role can be kept from gets through PostgreSQL alone', async (t) => {
  await postgres.sql(await grants(t, ['--harden']), 'guard');
  const server = await startServer(t, { program: UNGUARDED, database: database('pgparley_reader'), security });
  const effects = new Map();
  const look = (check) => postgres.sql(check, 'guard').catch((error) => error.message);
  const counts = { stopped: 0, answered: 0, secret: 0 };
  for (const { id, sql: label, sql_parts: parts, vars = {}, effect_check: check, why } of attacks) {
    let sql = parts ? parts.map(([text, count]) => text.repeat(count)).join('') : label;
    for (const [name, query] of Object.entries(vars)) {
      sql = sql.replaceAll(`\${${name}}`, await postgres.sql(query, 'guard'));
    }
    if (check && !effects.has(check)) {
      effects.set(check, await look(check));
    }
    const result = await server.query(sql);
    if (check) {
      assert.equal(await look(check), effects.get(check), `${id}: ${label} (${why}) has an effect`);
    }
    const leak = JSON.stringify(result).match(SECRET)?.[0].toLowerCase();
    const tells = leak !== undefined && !sql.toLowerCase().includes(leak);
    if (result.isError && !tells) {
      counts.stopped++;
      continue;
    }
    const kinds = LEFT.filter(([ids]) => ids.test(id));
    assert.notEqual(kinds.length, 0, `${id}: ${label} (${why}) gets through: ${textOf(result).slice(0, 200)}`);
    assert.ok(!tells || kinds.some(([, , mayTell]) => mayTell), `${id}: ${label} tells ${leak}`);
    counts[tells ? 'secret' : 'answered']++;
  }
  t.diagnostic(`figure: of ${attacks.length} attacks PostgreSQL alone stops ${counts.stopped} with the role of `
    + `"pgparley grants --harden"; none has an effect, ${counts.secret} tell a secret of the settings and `
    + `catalogs that every role may read, ${counts.answered} are answered without one`);
});

test('the role may do what good queries need', async (t) => {
  await postgres.sql(await grants(t, ['--harden']), 'guard');
  const server = await startServer(t, { database: database('pgparley_reader'), security });
  for (const { id, sql, tier } of benign) {
    const result = await server.query(sql);
    assert.ok(!result.isError || tier === 'should', `${id}: ${sql}: ${textOf(result)}`);
  }
});

test('a database that cannot be reached, and a configuration that is none', async (t) => {
  const config = await writeConfig(t, { database: { host: '/nonexistent' } });
  const unreachable = await run(['grants', '--config', config]);
  assert.equal(unreachable.code, 1);
  assert.equal(unreachable.stdout, '');
  assert.match(unreachable.stderr, /cannot connect/);
  assert.equal((await run(['grants', '--config', '/nonexistent.yaml'])).code, 2);
});
