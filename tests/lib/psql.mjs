// One psql session, kept open: a statement costs a round trip and no process.

import { spawn } from 'node:child_process';

const DONE = '-- done --';

export class Psql {
  isClosed = false;
  #child;
  #output = '';
  #errors = '';
  #waiting = [];

  constructor(psql, connection) {
    this.#child = spawn(psql, ['-XqAt', '-v', 'ON_ERROR_STOP=1', connection]);
    this.#child.stdin.on('error', () => {});
    this.#child.stdout.setEncoding('utf8').on('data', (text) => this.#read(text));
    this.#child.stderr.setEncoding('utf8').on('data', (text) => { this.#errors += text; });
    this.closed = new Promise((resolve) => this.#child.on('close', () => {
      this.isClosed = true;
      this.#waiting.forEach(({ reject }) => reject(new Error(`psql: ${this.#errors}`)));
      resolve();
    }));
  }

  #read(text) {
    this.#output += text;
    for (let end; (end = this.#output.indexOf(`${DONE}\n`)) >= 0;) {
      this.#waiting.shift().resolve(this.#output.slice(0, end).trimEnd());
      this.#output = this.#output.slice(end + DONE.length + 1);
    }
  }

  /** Runs statements; their output, unaligned and without headers. */
  run(sql) {
    const result = Promise.withResolvers();
    this.#waiting.push(result);
    this.#child.stdin.write(`${sql}\n;\n\\echo ${DONE}\n`);
    return result.promise;
  }

  end() {
    this.#child.stdin.end();
    return this.closed;
  }
}
