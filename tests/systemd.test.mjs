// The units of dist/ as systemd's own tools see them.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { copyFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { promisify } from 'node:util';
import { BIN, temporaryDirectory } from './lib/server.mjs';

const run = promisify(execFile);
const skip = !existsSync('/usr/bin/systemd-analyze') && 'systemd is not installed';
const dist = new URL('../dist/', import.meta.url);

/** The units as they are installed, with the program where it was built. */
const install = async (t) => {
  const directory = await temporaryDirectory(t);
  const unit = readFileSync(new URL('pgparley.service.in', dist), 'utf8')
    .replace('@bindir@/pgparley', BIN);
  writeFileSync(`${directory}/pgparley.service`, unit);
  await copyFile(new URL('pgparley.socket', dist), `${directory}/pgparley.socket`);
  return directory;
};

test('the units are valid, alone and with the secrets of docs/DEPLOYMENT.md', { skip }, async (t) => {
  const directory = await install(t);
  const verify = () => run('systemd-analyze', ['verify', '--man=no', `${directory}/pgparley.service`, `${directory}/pgparley.socket`]);
  assert.equal((await verify()).stderr, '');
  const [, dropIn] = readFileSync(new URL('../docs/DEPLOYMENT.md', import.meta.url), 'utf8')
    .match(/```ini\n(\[Service\]\n[^]*?)```/);
  await mkdir(`${directory}/pgparley.service.d`);
  writeFileSync(`${directory}/pgparley.service.d/secrets.conf`, dropIn);
  assert.equal((await verify()).stderr, '');
});

test('the service can do little', { skip }, async (t) => {
  const { stdout } = await run('systemd-analyze',
    ['security', '--offline=true', '--no-pager', `${await install(t)}/pgparley.service`]);
  const exposure = Number(stdout.match(/exposure level for pgparley.service: ([\d.]+)/)[1]);
  t.diagnostic(`figure: exposure ${exposure} of 10 (systemd-analyze security)`);
  assert.ok(exposure <= 1.5, stdout);
});

test('an installation has the units, the user, the recipe and the manual page', { skip }, async (t) => {
  const directory = await temporaryDirectory(t);
  await run('meson', ['install', '-C', path.dirname(BIN), '--no-rebuild', '--quiet', '--destdir', directory]);
  const unit = readFileSync(`${directory}/usr/local/lib/systemd/system/pgparley.service`, 'utf8');
  const [, program] = unit.match(/^ExecStart=(\S+) serve --http/m);
  for (const file of [program, '/usr/local/lib/systemd/system/pgparley.socket', '/usr/local/share/doc/pgparley/nginx.conf',
    '/usr/local/share/man/man1/pgparley.1']) {
    assert.ok(existsSync(directory + file), file);
  }
  const { stderr } = await run('systemd-sysusers', ['--dry-run', `${directory}/usr/local/lib/sysusers.d/pgparley.conf`]);
  assert.match(stderr, /'pgparley'/);
});
