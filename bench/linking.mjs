// Linking: whether the context of each gold question, within its budget, holds every table and
// column that its SQL uses; how large it is, and how long it takes.

import { readFileSync } from 'node:fs';
import { startServer } from '../tests/lib/server.mjs';
import { countTokens } from '../tests/lib/tokens.mjs';
import { bench, median, withPostgres } from './lib/bench.mjs';

const BUDGET = Number(process.env.BUDGET ?? 6000);
const LEAST = 0.97;
const questions = new URL('../tests/corpus/questions/', import.meta.url);
const sets = {
  demo: { load: new URL('../demo/sample.sql', import.meta.url) },
  large: { load: new URL('large.sql', questions) },
  legacy: { load: new URL('legacy.sql', questions), semantics: new URL('legacy.semantics.yaml', questions) },
};

/** A name as SQL wants it. */
const quoted = (name) => (/^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '')}"`);

/** The columns that a context shows of its tables, by the table's name as SQL has it. */
function read(context) {
  const tables = new Map();
  let columns;
  for (const line of context.match(/<schema>[^\n]*\n([^]*)<\/schema>/)[1].split('\n')) {
    if (line.startsWith('  ')) {
      columns?.push(line.trim());
      continue;
    }
    const [, name, inline] = line.match(/^((?:"[^"]+"|[^\s".:]+)\.(?:"[^"]+"|[^\s".:]+))(?: \([^)]*\))?(?:: (.*))?/) ?? [];
    if (name) {
      tables.set(name, columns = inline ? inline.split(', ') : []);
    }
  }
  return tables;
}

/** What the SQL needs and the context does not have. */
function missing(context, { tables, columns }) {
  const shown = read(context);
  const has = (column) => {
    const [schema, table, name] = column.split('.').map(quoted);
    return shown.get(`${schema}.${table}`)?.some((line) => line.startsWith(`${name} `));
  };
  return [...tables.filter((table) => !shown.has(table.split('.').map(quoted).join('.'))),
    ...columns.filter((column) => !has(column))];
}

async function measure(t, postgres, name, { load, semantics }) {
  await postgres.sql(`CREATE DATABASE ${name}`, 'postgres');
  await postgres.sql(readFileSync(load, 'utf8'), name);
  await postgres.sql('ANALYZE', name);
  const server = await startServer(t, {
    database: { ...postgres.config, database: name },
    ...(semantics && { llm: { semantics: semantics.pathname } }),
  });
  const gold = readFileSync(new URL(`${name}.jsonl`, questions), 'utf8').trim().split('\n').map(JSON.parse);
  const ask = async ({ question }) => {
    const { structuredContent } =
      await server.call('get_database_schema', { question, budget_tokens: BUDGET });
    return structuredContent;
  };
  await ask(gold[0]); // which builds the index
  const tokens = [], ratios = [], times = [];
  let complete = 0;
  for (const entry of gold) {
    const started = performance.now();
    const { context, tokens: estimate } = await ask(entry);
    times.push(performance.now() - started);
    tokens.push(countTokens(context));
    ratios.push(estimate / tokens.at(-1));
    const lost = missing(context, entry);
    complete += lost.length === 0 && tokens.at(-1) <= BUDGET;
    if (lost.length > 0 && process.env.VERBOSE) {
      console.log(`  ${entry.id} ${entry.question}\n    lost: ${lost.join(', ')}`);
    }
  }
  const share = complete / gold.length;
  const mean = tokens.reduce((a, b) => a + b) / tokens.length;
  console.log(`${name}: ${complete} of ${gold.length} questions (${(share * 100).toFixed(1)} %) have all `
    + `tables and columns; tokens ${mean.toFixed(0)} mean, ${Math.max(...tokens)} most, estimated at `
    + `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)} of that; `
    + `${median(times).toFixed(1)} ms median, ${Math.max(...times).toFixed(1)} ms most`);
  return share >= LEAST;
}

await bench(async (t) => {
  const postgres = await withPostgres(t);
  for (const [name, set] of Object.entries(sets)) {
    if (!await measure(t, postgres, name, set)) {
      console.log(`  less than ${LEAST * 100} %`);
      process.exitCode = 1;
    }
  }
});
