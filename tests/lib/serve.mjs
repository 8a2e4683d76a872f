// `pgparley serve --http` with a configuration file that can be written anew.

import { execFile, spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { HttpServer } from './http.mjs';
import { ASAN_NOTE, BIN, cleanEnv, NO_DATABASE, PATIENCE_MS, writeConfig } from './server.mjs';

const run = promisify(execFile);

/**
 * Starts it with `args` behind `serve --http`, with the help of the command `through` if there is
 * one, and waits until it listens. It ends with the test, in order unless `killed` says otherwise.
 */
export async function serve(t, config = {}, { args = ['127.0.0.1:0'], env = {}, through = [], killed = false } = {}) {
  const complete = (part) => JSON.stringify({ database: NO_DATABASE, ...part });
  const file = await writeConfig(t, complete(config));
  const [command, ...rest] = [...through, BIN, 'serve', '--http', ...args, '--config', file];
  const child = spawn(command, rest, { env: { ...cleanEnv, ...env }, stdio: ['ignore', 'inherit', 'pipe'] });
  const server = new HttpServer(child);
  server.listening.catch(() => {});
  t.after(() => (killed ? child.kill('SIGKILL') : server.finish()));
  const said = new Said(child);
  await said.next(/listening on/);
  return Object.assign(server, {
    file,
    said,
    /** Writes the configuration anew and has it read; what the server says to that. */
    async reload(part, pattern = /read anew/) {
      if (part) {
        await writeFile(file, complete(part));
      }
      server.kill('SIGHUP');
      return said.next(pattern);
    },
  });
}

/** What a child process says on standard error. */
class Said {
  text = '';
  #from = 0;
  #heard = new EventTarget();

  constructor(child) {
    child.stderr.on('data', (text) => {
      this.text = (this.text + text).replace(ASAN_NOTE, '');
      this.#heard.dispatchEvent(new Event('more'));
    });
  }

  /** Waits for a line that was not asked for yet; all that was said up to its end. */
  async next(pattern) {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    for (;;) {
      const found = this.text.slice(this.#from).search(pattern);
      const end = found < 0 ? -1 : this.text.indexOf('\n', this.#from + found);
      if (end >= 0) {
        const before = this.text.slice(this.#from, end + 1);
        this.#from = end + 1;
        return before;
      }
      await new Promise((resolve, reject) => {
        this.#heard.addEventListener('more', resolve, { once: true });
        signal.addEventListener('abort', () => reject(new Error(`${pattern} did not come: ${this.text}`)), { once: true });
      });
    }
  }
}

/** What curl prints; it fails as curl does, with the body of an HTTP error. */
export async function curl(...args) {
  const { stdout } = await run('curl', ['-sS', '--fail-with-body', '--max-time', '20', ...args]);
  return stdout;
}

/** Makes a certificate for localhost that `name` tells apart; returns the paths. */
export async function makeCertificate(directory, name) {
  const files = { certificate: `${directory}/${name}.pem`, key: `${directory}/${name}.key` };
  await run('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes',
    '-days', '2', '-subj', `/CN=${name}`, '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1',
    '-keyout', files.key, '-out', files.certificate]);
  return files;
}
