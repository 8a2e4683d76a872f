/** Calls back for every line of a stream; `\n` alone ends one, as on an MCP pipe. */
export function onLines(stream, callback) {
  let rest = '';
  stream.setEncoding('utf8').on('data', (text) => {
    const [first, ...others] = text.split('\n');
    rest += first;
    for (const next of others) {
      callback(rest);
      rest = next;
    }
  });
  stream.on('end', () => rest && callback(rest));
}
