// What a question costs beside the model and the query: `pgparley eval` over the gold questions, with
// a model that knows the answers.

import { evaluateGold } from '../tests/lib/gold-eval.mjs';
import { SETS } from '../tests/lib/gold.mjs';
import { bench, withPostgres } from './lib/bench.mjs';

await bench(async (t) => {
  const postgres = await withPostgres(t);
  for (const name of Object.keys(SETS)) {
    const figures = await evaluateGold(t, postgres, name);
    console.log(`${name}: right rows ${figures['right rows']}, rounds ${figures['rounds, mean']}, `
      + `own ms, p50 and p95: ${figures['own ms, p50 and p95']}`);
  }
});
