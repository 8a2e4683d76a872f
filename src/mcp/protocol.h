/* Names and numbers of the Model Context Protocol, all revisions. */
#ifndef PGPARLEY_MCP_PROTOCOL_H
#define PGPARLEY_MCP_PROTOCOL_H

/* In the order of time, so that `version >= MCP_2025_06_18` asks what a revision has. */
enum mcp_version {
    MCP_NONE,
    MCP_2024_11_05,
    MCP_2025_03_26,
    MCP_2025_06_18,
    MCP_2025_11_25, /* the last with a handshake */
    MCP_2026_07_28, /* stateless: every request carries its version ("modern") */
};

/* MCP_NONE for a string that is no revision. */
enum mcp_version mcp_version_parse(const char *text);
const char *mcp_version_text(enum mcp_version version);

enum mcp_code {
    MCP_PARSE_ERROR = -32700,
    MCP_INVALID_REQUEST = -32600,
    MCP_METHOD_NOT_FOUND = -32601,
    MCP_INVALID_PARAMS = -32602,
    MCP_INTERNAL_ERROR = -32603,
    MCP_HEADER_MISMATCH = -32020,
    MCP_MISSING_CAPABILITY = -32021,
    MCP_UNSUPPORTED_VERSION = -32022,
    MCP_LEGACY_RESOURCE_NOT_FOUND = -32002, /* up to 2025-11-25 */
};

#define MCP_META "io.modelcontextprotocol/"
#define MCP_META_VERSION MCP_META "protocolVersion"
#define MCP_META_CAPABILITIES MCP_META "clientCapabilities"
#define MCP_META_CLIENT_INFO MCP_META "clientInfo"
#define MCP_META_LOG_LEVEL MCP_META "logLevel"
#define MCP_META_SUBSCRIPTION MCP_META "subscriptionId"
#define MCP_META_SERVER_INFO MCP_META "serverInfo"

#endif
