// Both eras on one pipe, decided message by message.

import assert from 'node:assert/strict';
import test from 'node:test';
import { CAPABILITIES_KEY, LEGACY, MODERN, MODERN_META, SERVER_INFO_KEY, VERSION_KEY } from './lib/protocol.mjs';
import { startServer } from './lib/server.mjs';

for (const version of LEGACY) {
  test(`initialize negotiates ${version}`, async (t) => {
    const server = await startServer(t);
    const { result } = await server.initialize(version);
    assert.equal(result.protocolVersion, version);
    assert.equal(result.serverInfo.name, 'pgparley');
    assert.match(result.serverInfo.version, /^\d+\.\d+\.\d+/);
    assert.ok(result.capabilities.tools);
    server.notify('notifications/initialized');

    assert.deepEqual((await server.request('ping')).result, {});
    const names = (await server.request('tools/list')).result.tools.map((tool) => tool.name);
    assert.ok(names.includes('execute_sql_query') && names.includes('get_database_schema'));
  });
}

for (const version of ['2023-01-01', '2024-10-07', MODERN, '2099-12-31', 'latest']) {
  test(`initialize with ${version} is answered with the latest legacy version`, async (t) => {
    const server = await startServer(t);
    const { result } = await server.initialize(version);
    assert.equal(result.protocolVersion, '2025-11-25');
  });
}

test('server/discover needs no handshake and no database', async (t) => {
  const server = await startServer(t);
  const { result } = await server.modern('server/discover', {}, 'server-discover-probe-1');
  assert.equal(result.resultType, 'complete');
  assert.deepEqual(result.supportedVersions, [MODERN]);
  assert.ok(result.capabilities.tools);
  assert.equal(result._meta[SERVER_INFO_KEY].name, 'pgparley');
  assert.equal('serverInfo' in result, false);
});

test('modern results carry resultType and caching fields', async (t) => {
  const server = await startServer(t);
  const { result } = await server.modern('tools/list');
  assert.equal(result.resultType, 'complete');
  assert.ok(Number.isInteger(result.ttlMs) && result.ttlMs >= 0);
  assert.match(result.cacheScope, /^(public|private)$/);
});

for (const version of ['v999.0.0', '2027-01-01', '2025-11-25', '']) {
  test(`modern request with version "${version}" is refused with the versions we have`, async (t) => {
    const server = await startServer(t);
    const { error, id } = await server.modern('tools/list', { _meta: { [VERSION_KEY]: version } }, 'x');
    assert.equal(id, 'x');
    assert.equal(error.code, -32022);
    assert.deepEqual(error.data, { supported: [MODERN], requested: version });
  });
}

for (const method of ['initialize', 'ping', 'logging/setLevel', 'resources/subscribe', 'tools/unknown']) {
  test(`${method} does not exist in the modern era`, async (t) => {
    const server = await startServer(t);
    assert.equal((await server.modern(method)).error.code, -32601);
  });
}

for (const [what, meta, named] of [
  ['no clientCapabilities', { [VERSION_KEY]: MODERN }, CAPABILITIES_KEY],
  ['clientCapabilities of the wrong type', { ...MODERN_META, [CAPABILITIES_KEY]: [] }, CAPABILITIES_KEY],
  ['a version that is a number', { ...MODERN_META, [VERSION_KEY]: 20260728 }, VERSION_KEY],
]) {
  test(`modern request with ${what} is invalid, and the key is named`, async (t) => {
    const server = await startServer(t);
    const { error } = await server.request('tools/list', { _meta: meta });
    assert.equal(error.code, -32602);
    assert.ok(error.message.includes(named), error.message);
    assert.ok((await server.modern('tools/list')).result);
  });
}

test('server/discover without _meta names the missing key', async (t) => {
  const server = await startServer(t);
  const { error } = await server.request('server/discover');
  assert.equal(error.code, -32602);
  assert.ok(error.message.includes(VERSION_KEY), error.message);
});

test('clientInfo is not required, unknown _meta keys are ignored', async (t) => {
  const server = await startServer(t);
  const { result } = await server.modern('tools/list', { _meta: { traceparent: 'x', 'example.com/a': [1] } });
  assert.ok(result.tools);
});

test('what is not advertised does not exist', async (t) => {
  const server = await startServer(t);
  const { capabilities } = (await server.initialize('2025-11-25')).result;
  for (const [method, capability] of [
    ['resources/list', 'resources'], ['prompts/list', 'prompts'], ['logging/setLevel', 'logging'],
    ['completion/complete', 'completions'],
  ]) {
    assert.ok(capability in capabilities || (await server.modern(method)).error.code === -32601, method);
  }
});

test('a cursor that was never given out is invalid', async (t) => {
  const server = await startServer(t);
  assert.equal((await server.modern('tools/list', { cursor: 'nope' })).error.code, -32602);
});

test('a probe by server/discover may fall back to initialize on the same pipe', async (t) => {
  const server = await startServer(t);
  assert.ok((await server.modern('server/discover')).result);
  assert.equal((await server.initialize('2025-06-18')).result.protocolVersion, '2025-06-18');
});

test('requests of both eras alternate on one pipe', async (t) => {
  const server = await startServer(t);
  await server.initialize('2025-06-18');
  for (let round = 0; round < 3; round++) {
    const [modern, legacy] = await Promise.all([server.modern('tools/list'), server.request('tools/list')]);
    assert.equal(modern.result.resultType, 'complete');
    assert.equal('resultType' in legacy.result, false);
    assert.deepEqual(modern.result.tools.map((tool) => tool.name), legacy.result.tools.map((tool) => tool.name));
    assert.equal((await server.modern('ping')).error.code, -32601);
    assert.deepEqual((await server.request('ping')).result, {});
  }
});

test('requests before initialize are answered, one way or the other', async (t) => {
  const server = await startServer(t);
  assert.deepEqual((await server.request('ping')).result, {});
  const { result, error } = await server.request('tools/list');
  assert.ok(result?.tools || error.code === -32600);
  assert.ok((await server.initialize('2025-11-25')).result);
});
