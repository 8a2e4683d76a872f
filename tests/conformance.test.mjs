// The official conformance suite: on its fixtures without an expected failure, and on
// pgparley itself.

import assert from 'node:assert/strict';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { runSuite, startFixtures } from './lib/conformance.mjs';
import { startHttp } from './lib/http.mjs';
import { startPostgres } from './lib/postgres.mjs';

const postgres = await startPostgres();
const BASELINE = fileURLToPath(new URL('fixtures/conformance-baseline.yml', import.meta.url));

const revisions = [
  {
    revision: '2026-07-28',
    count: 37,
    beyond: ['http-header-validation', 'http-custom-header-server-validation', 'json-schema-2020-12'],
    // An answer without the state of its question is not taken: it is bound to no arguments.
    warnings: ['input-required-result-ignore-extra-params: sep-2322-ignore-unexpected-params'],
  },
  {
    revision: '2025-11-25',
    count: 30,
    beyond: ['server-session-lifecycle', 'json-schema-2020-12'],
    warnings: [],
  },
];

for (const { revision, count, beyond, warnings } of revisions) {
  test(`the fixtures conform to ${revision}`, async (t) => {
    const fixtures = await startFixtures(t);
    const suite = await runSuite(t, fixtures.url, revision);
    const passed = suite.scored.filter((scenario) => scenario.passed).length;
    const further = suite.unscored.filter(({ name, passed }) => passed && beyond.includes(name));
    t.diagnostic(`figure: ${passed} of ${count} scored scenarios of ${revision}`);
    t.diagnostic(`figure: ${further.length} of ${beyond.length} chosen ones beyond: ${beyond.join(', ')}`);

    const objections = [...suite.scored, ...further].flatMap((scenario) => scenario.objections);
    assert.deepEqual(objections.map(({ name, id }) => `${name}: ${id}`), warnings,
      JSON.stringify(objections, null, 2));
    assert.equal(passed, count);
    assert.equal(further.length, beyond.length, suite.summary);
    assert.equal(suite.code, 0, suite.summary);
  });

  test(`pgparley conforms to ${revision}, but for what needs fixtures`, async (t) => {
    const server = await startHttp(t, { database: postgres.config });
    const suite = await runSuite(t, server.url, revision, { baseline: BASELINE });
    assert.equal(suite.code, 0, suite.summary);
  });
}
