// The gold set: questions, the SQL that answers them, and what is known of both.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

const here = (path) => new URL(`../${path}`, import.meta.url);
export const fileOf = (name) => here(`corpus/questions/${name}.jsonl`);

/** The databases that the questions are about. */
export const SETS = {
  demo: here('../demo/sample.sql'),
  large: here('corpus/questions/large.sql'),
  legacy: here('corpus/questions/legacy.sql'),
};

export const goldOf = (name) => readFileSync(fileOf(name), 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line));

/** Loads the database of a set into one of the same name. */
export async function createGoldDatabase(postgres, name) {
  await postgres.sql(`CREATE DATABASE ${name}`, 'postgres');
  await postgres.sql(readFileSync(SETS[name], 'utf8'), name);
}

/** The `database:` section that leads there. */
export const goldDatabase = (postgres, name) => ({ ...postgres.config, database: name });

/** Tables and columns that PostgreSQL finds in a query: those that a view of it depends on. */
export async function usesOf(postgres, name, sql) {
  const found = await postgres.sql(`
    BEGIN;
    CREATE TEMPORARY VIEW gold AS ${sql};
    SELECT concat_ws('.', c.relnamespace::regnamespace::name, c.relname, a.attname)
    FROM pg_depend AS d
    JOIN pg_rewrite AS r ON r.oid = d.objid
    JOIN pg_class AS c ON c.oid = d.refobjid
    LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = d.refobjsubid AND a.attnum > 0
    WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass
      AND r.ev_class = 'pg_temp.gold'::regclass AND c.oid <> r.ev_class;
    ROLLBACK`, name);
  const paths = found.split('\n').filter(Boolean);
  const sorted = (items) => [...new Set(items)].sort();
  return {
    tables: sorted(paths.map((path) => path.split('.').slice(0, 2).join('.'))),
    columns: sorted(paths.filter((path) => path.split('.').length > 2)),
  };
}

/** The rows that the server returns, in number and as a digest that knows order only where it matters. */
export async function resultOf(server, { sql, ordered }) {
  const { rows, truncated } = await server.rows(sql);
  const lines = rows.map((row) => JSON.stringify(row));
  const text = (ordered ? lines : lines.sort()).join('\n');
  return { rows: rows.length, truncated, md5: createHash('md5').update(text).digest('hex') };
}
