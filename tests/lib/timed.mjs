// Verdicts that depend on the clock. A busy machine makes a process pause for longer than the time
// that is to be shown, so such a test is tried again; one that is slow by itself is slow each time.

import { limit } from './server.mjs';

const TRIES = 3;

class Late extends Error {}

/** In a timed() test: that something took less than `max` ms. */
export function assertQuick(ms, max) {
  if (ms >= limit(max)) {
    throw new Late(`${ms.toFixed(0)} ms, where ${limit(max)} ms are allowed`);
  }
}

export const timed = (body) => async (t) => {
  for (let tried = 1; ; tried++) {
    try {
      return await body(t);
    } catch (error) {
      if (!(error instanceof Late) || tried === TRIES) {
        throw error;
      }
      t.diagnostic(`tried again: ${error.message}`);
    }
  }
};
