// What a question costs beside the model and the query: `pgparley eval` over the gold questions, with a model that
// knows the answers.

import { fileURLToPath } from 'node:url';
import { startFakeModel } from '../tests/lib/fake-model.mjs';
import { SETS, createGoldDatabase, fileOf, goldDatabase, goldOf } from '../tests/lib/gold.mjs';
import { run, writeConfig } from '../tests/lib/server.mjs';
import { bench, withPostgres } from './lib/bench.mjs';

const SEMANTICS = {
  legacy: fileURLToPath(new URL('../tests/corpus/questions/legacy.semantics.yaml', import.meta.url)),
};

await bench(async (t) => {
  const postgres = await withPostgres(t);
  for (const name of Object.keys(SETS)) {
    await createGoldDatabase(postgres, name);
    const answers = new Map(goldOf(name).map(({ question, sql }) => [question, sql]));
    const model = await startFakeModel(t, ({ messages }) => (
      { verdict: 'sql', sql: answers.get(messages[1].content.split('The question:\n').at(-1).trimEnd()) }));
    const file = await writeConfig(t, {
      database: goldDatabase(postgres, name), llm: { ...model.llm, semantics: SEMANTICS[name] },
    });
    const { code, stdout, stderr } = await run(['eval', '--config', file, fileURLToPath(fileOf(name))]);
    if (code !== 0) {
      throw new Error(stderr);
    }
    const figures = Object.fromEntries(stdout.trimEnd().split('\n').map((line) => line.split('\t')));
    console.log(`${name}: right rows ${figures['right rows']}, rounds ${figures['rounds, mean']}, `
      + `own ms, p50 and p95: ${figures['own ms, p50 and p95']}`);
    if (process.env.VERBOSE) {
      console.log(stderr);
    }
  }
});
