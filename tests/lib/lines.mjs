/** Calls back for every line of a stream; `\n` alone ends one, as on an MCP pipe. */
export function onLines(stream, callback) {
  let rest = '';
  stream.setEncoding('utf8').on('data', (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop();
    lines.forEach(callback);
  });
  stream.on('end', () => rest && callback(rest));
}
