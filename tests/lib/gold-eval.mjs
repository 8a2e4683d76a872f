// `pgparley eval` over a set of gold questions, with a model that knows the answers.

import { fileURLToPath } from 'node:url';
import { startFakeModel } from './fake-model.mjs';
import { createGoldDatabase, fileOf, goldDatabase, goldOf } from './gold.mjs';
import { run, writeConfig } from './server.mjs';

const SEMANTICS = {
  legacy: fileURLToPath(new URL('../corpus/questions/legacy.semantics.yaml', import.meta.url)),
};

/** What eval prints of the question loop: figures by their names. */
export async function evaluateGold(t, postgres, name) {
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
  return Object.fromEntries(stdout.trimEnd().split('\n').map((line) => line.split('\t')));
}
