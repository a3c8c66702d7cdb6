// Machines as resources: what tools that look would answer, under an address that a host can attach, with ids to complete. Read
// through the same door as tools: limits, audit, fences. Listing them touches nothing, because hosts list at once.
import {
  type McpServer,
  ProtocolError,
  ProtocolErrorCode,
  type ReadResourceResult,
  ResourceTemplate,
} from '@modelcontextprotocol/server';
import { bindRegistry } from '@tamc/client/registry';
import { factsToResult, problemToResult } from './answer.ts';
import { alone, type CallSettings, callTool } from './call-tool.ts';
import { isOffered, stillAllowed } from './mode.ts';
import type { ServerSettings } from './server.ts';
import type { Tool } from './tool.ts';

/** Addresses, by the tool that answers them. */
const templates: Readonly<Record<string, { readonly uri: string; readonly title: string }>> = {
  machine: { uri: 'machine://{id}', title: 'A machine' },
  statement: { uri: 'machine://{id}/statement', title: 'The books of a machine' },
  requests: { uri: 'machine://{id}/requests', title: 'What waits for a person' },
};

/** The protocol's most for one completion. */
const completedMax = 100;
/** A registry's page. */
const pageMax = 200;

export function registerResources(server: McpServer, settings: ServerSettings, tools: readonly Tool[]): void {
  for (const tool of tools) {
    const template = templates[tool.name];
    if (template === undefined) continue;
    const complete = { id: (started: string) => completeIds(settings, tool, started) };
    server.registerResource(
      tool.name,
      new ResourceTemplate(template.uri, { list: undefined, complete }),
      { title: template.title, description: tool.description, mimeType: 'application/json' },
      async (uri, { id }) => await guarded(settings, () => readResource(settings, tool, uri.href, String(id))),
    );
  }
}

/** A fault of ours is told to who runs the server, not to who reads. */
async function guarded<T>({ onFault }: ServerSettings, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ProtocolError) throw error;
    onFault(error);
    throw new ProtocolError(ProtocolErrorCode.InternalError, 'the server failed in a way it should not');
  }
}

async function readResource(
  settings: CallSettings,
  tool: Tool,
  uri: string,
  machine: string,
): Promise<ReadResourceResult> {
  const args = tool.input.safeParse({ machine });
  if (!args.success) throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'this is no id of a machine');
  const found = await callTool(settings, tool, args.data, alone);
  const facts = found.ok && 'facts' in found.value ? found.value.facts : {};
  const { content, isError } = found.ok ? factsToResult(facts) : problemToResult(found.error);
  const text = content[0]?.type === 'text' ? content[0].text : '';
  if (isError === true) throw new ProtocolError(ProtocolErrorCode.InvalidParams, text);
  return { contents: [{ uri, mimeType: 'application/json', text }] };
}

/** Of the machines on the registry's first page; where there are more, a person finds them with `machines`. */
async function completeIds(settings: CallSettings, tool: Tool, started: string): Promise<string[]> {
  const { world, limiter } = settings;
  if (!isOffered(tool, stillAllowed(settings)) || limiter.take('read') !== null) return [];
  const access = await world.open(() => {});
  if (!access.ok) return [];
  const page = await bindRegistry(access.value.connection, access.value.registry).machines(0, pageMax);
  if (!page.ok) return [];
  const ids = page.value.items.map(({ canister }) => canister.toText());
  return ids.filter((id) => id.startsWith(started)).slice(0, completedMax);
}
