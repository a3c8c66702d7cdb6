// The public face of the MCP server.
export { type Confirmations, createConfirmations } from './confirm.ts';
export { createRateLimiter, type RateLimiter } from './rate-limit.ts';
export { createServerFactory, type ServerSettings } from './server.ts';
export { readTexts, type Texts } from './texts-folder.ts';
export type { Problem, Tool, Toolset } from './tool.ts';
export { tools } from './tools/index.ts';
export type { Access, AuditEntry, World } from './world.ts';
