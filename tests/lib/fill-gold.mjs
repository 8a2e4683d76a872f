// Fills in what PostgreSQL knows of the gold set, after its questions or data were changed:
// node tests/lib/fill-gold.mjs [SET…]

import { writeFileSync } from 'node:fs';
import { createGoldDatabase, fileOf, goldDatabase, goldOf, resultOf, SETS, usesOf } from './gold.mjs';
import { startPostgres } from './postgres.mjs';
import { startServer } from './server.mjs';

const ends = [];
const t = { after: (end) => ends.unshift(end) };
try {
  const postgres = await startPostgres({ atEnd: t.after });
  for (const name of process.argv.length > 2 ? process.argv.slice(2) : Object.keys(SETS)) {
    await createGoldDatabase(postgres, name);
    const server = await startServer(t, { database: goldDatabase(postgres, name) });
    const lines = [];
    for (const { id, question, sql, ordered, difficulty, tags } of goldOf(name)) {
      try {
        const uses = await usesOf(postgres, name, sql);
        const { rows, md5 } = await resultOf(server, { sql, ordered });
        lines.push({ id, question, sql, ...uses, ordered, rows, md5, difficulty, tags });
      } catch (error) {
        throw new Error(`${id}: ${error.message}`);
      }
    }
    writeFileSync(fileOf(name), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  }
} finally {
  for (const end of ends) {
    await end();
  }
}
