-- A script for wrk: POSTs tools/call and counts the answers that are not results.
-- Environment: SQL, the text of the query; TOKEN, a bearer token or nothing.

local sql = os.getenv("SQL") or "SELECT 1"
local token = os.getenv("TOKEN")

wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Accept"] = "application/json, text/event-stream"
wrk.headers["MCP-Protocol-Version"] = "2026-07-28"
wrk.headers["Mcp-Method"] = "tools/call"
wrk.headers["Mcp-Name"] = "execute_sql_query"
if token then
  wrk.headers["Authorization"] = "Bearer " .. token
end

local meta = '"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",'
  .. '"io.modelcontextprotocol/clientInfo":{"name":"wrk","version":"1"},'
  .. '"io.modelcontextprotocol/clientCapabilities":{}}'

local id = 0
function request()
  id = id + 1
  return wrk.format(nil, nil, nil, string.format('{"jsonrpc":"2.0","id":%d,"method":"tools/call",'
    .. '"params":{"name":"execute_sql_query","arguments":{"query":"%s"},%s}}', id, sql, meta))
end

function response(status, _, body)
  if status ~= 200 or not body:find('"isError":false', 1, true) then
    io.write("WRONG ", status, " ", body:sub(1, 300), "\n")
  end
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format("RESULT %f %f %f %d\n", summary.requests / (summary.duration / 1e6),
    latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    errors.connect + errors.read + errors.write + errors.timeout))
end
