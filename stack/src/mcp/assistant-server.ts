// The MCP server of one assistant, whatever it is reached by: with the limits, the confirmations and the texts that are the same for
// all of them. Made without opening anything.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ok } from '@tamc/base/result';
import type { Connection } from '@tamc/client';
import {
  type AuditEntry,
  createConfirmations,
  createMcpHandler,
  createRateLimiter,
  createServerFactory,
  type McpHttpHandler,
  type McpServerFactory,
  type Mode,
  readTexts,
  type ServerSettings,
  type Texts,
  tools,
  type World,
} from '@tamc/mcp-server';
import type { PrincipalHex } from '@tamc/protocol/principal';
import { findRoot } from '../root.ts';
import { defaultMode } from '../world/mode.ts';

export interface AssistantServerOptions extends Partial<Mode> {
  readonly world: World;
  /** What is allowed by now, where a person may take something away. */
  readonly modeNow?: () => Mode;
  readonly onFault?: (error: unknown) => void;
  /** What a person types for the network of this server; left out: `npx tamc …`. */
  readonly inTerminal?: (words: string) => string;
}

/** Confirmations and limits are those of the assistant: over HTTP every request has a server of its own. */
export function createAssistantServer(options: AssistantServerOptions): McpServerFactory {
  const { world, onFault = console.error, inTerminal, ...mode } = options;
  const settings: ServerSettings = {
    ...defaultMode,
    ...mode,
    world,
    confirmations: createConfirmations(world.nowMs),
    limiter: createRateLimiter(world.nowMs),
    version: readVersion(),
    tools,
    texts: readOnce(),
    onFault,
    ...(inTerminal === undefined ? {} : { inTerminal }),
  };
  return createServerFactory(settings);
}

/** The same, where a program in this process speaks to it: by requests that never leave it. */
export function createAssistantHandler(options: AssistantServerOptions): McpHttpHandler {
  return createMcpHandler(createAssistantServer(options));
}

let texts: Texts | null = null;
/** They change with the program only, and are the same for everybody. */
function readOnce(): Texts {
  texts ??= readTexts(findRoot());
  return texts;
}

function readVersion(): string {
  return JSON.parse(readFileSync(join(findRoot(), 'package.json'), 'utf8')).version;
}

export interface ConnectionWorldOptions {
  /** Of the assistant. */
  readonly connection: Connection;
  readonly registry: PrincipalHex;
  readonly owner: PrincipalHex;
  readonly nowMs?: () => number;
  /** The network's time, where it is not that of this computer. */
  readonly nowNs?: () => bigint;
  readonly audit?: (entry: AuditEntry) => void;
}

/** The world of an assistant on a network that is there already. */
export function connectionToWorld(options: ConnectionWorldOptions): World {
  const { connection, registry, owner, nowMs = Date.now, audit = () => {} } = options;
  const { nowNs = () => BigInt(nowMs()) * 1_000_000n } = options;
  return {
    caller: connection.self,
    open: async () => ok({ connection, registry, owner, nowNs }),
    nowMs,
    audit,
  };
}
