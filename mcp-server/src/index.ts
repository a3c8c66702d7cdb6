// The public face of the MCP server.
export { createMcpHandler, type McpHttpHandler, type McpServerFactory } from '@modelcontextprotocol/server';
export { type AuditFile, openAuditFile } from './audit-file.ts';
export { type Confirmations, createConfirmations } from './confirm.ts';
// What serves HTTP is a door of its own, `@tamc/mcp-server/http`: a server on standard streams should not load it.
export type { HttpEndpoint, HttpSettings } from './http.ts';
export type { FindFactory } from './http-doors.ts';
export type { Deploying, Funding, Keeper, NetworkTime, PlannedStep, TimeKeeping } from './keeper.ts';
export { type Mode, narrowMode } from './mode.ts';
export { createTimeKeeping } from './network-time.ts';
export { createRateLimiter, type RateLimiter } from './rate-limit.ts';
export { type ActMemory, createRepetitions, type KeptAct, type Repetitions } from './repetitions.ts';
export { createServerFactory, type ServerSettings } from './server.ts';
export { keepConsoleOffStdout, type StdioEndpoint, serveStandardStreams } from './stdio.ts';
export { readTexts, type Texts } from './texts-folder.ts';
export type { Problem, Tool, Toolset } from './tool.ts';
export { tools } from './tools/index.ts';
export type { Access, AuditEntry, World } from './world.ts';
