// Shell: the hands of a host on a world: our MCP server for the assistant of that world, reached by a real client through HTTP
// messages inside this process. Around each call happen the scenario's moments; after each act devices look at what they are asked.
import { type CallToolResult, Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { createMcpHandler } from '@modelcontextprotocol/server';
import { connectionToWorld, createAssistantServer } from '@tamc/stack';
import { answerOf, CallsUsedUp, createHands, type Hands, type Json } from './hands.ts';
import type { CallNumber, Scenario } from './scenario.ts';
import type { EvalWorld } from './world.ts';

export interface CalledTool extends CallNumber {
  readonly args: Json;
  readonly isError: boolean;
  readonly text: string;
  readonly tookMs: number;
}

export interface AssistantHands {
  readonly hands: Hands;
  close(): Promise<void>;
}

export async function openHands(
  world: EvalWorld,
  scenario: Scenario,
  onCall: (called: CalledTool) => void,
): Promise<AssistantHands> {
  const { client, close } = await connectAssistant(world);
  const { tools } = await client.listTools();
  const readOnly = new Set(
    tools.filter(({ annotations }) => annotations?.readOnlyHint === true).map(({ name }) => name),
  );
  const counts = new Map<string, number>();
  let number = 0;
  const callTool: Hands['callTool'] = async (params) => {
    if (number >= scenario.limits.calls) throw new CallsUsedUp(`a trial has ${scenario.limits.calls} calls`);
    const { name: tool, arguments: args = {} } = params;
    const ofTool = (counts.get(tool) ?? 0) + 1;
    counts.set(tool, ofTool);
    const call: CallNumber = { number: ++number, tool, ofTool };
    const moments = scenario.during?.filter((moment) => moment.at(call)) ?? [];
    for (const { before } of moments) await before?.(world);
    const startMs = performance.now();
    const result = await ask(client, tool, args);
    const tookMs = Math.round(performance.now() - startMs);
    onCall({ ...call, args, isError: result.isError === true, text: answerOf(result).text, tookMs });
    for (const { after } of moments) await after?.(world);
    if (!readOnly.has(tool)) await world.look();
    return result;
  };
  const instructions = client.getInstructions() ?? '';
  return { hands: createHands({ instructions, tools, callTool }), close };
}

/** What the protocol itself refuses (a tool that is not there, arguments that no schema takes) is an answer to the host too. */
async function ask(client: Client, name: string, args: Record<string, unknown>): Promise<CallToolResult> {
  try {
    return await client.callTool({ name, arguments: args });
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return { content: [{ type: 'text', text }], isError: true };
  }
}

async function connectAssistant(world: EvalWorld) {
  const { connection } = await world.meet('assistant');
  const { registry } = world.notes.places;
  const { nowNs } = world.network;
  const port = connectionToWorld({ connection, registry, owner: world.idOf('owner'), nowNs });
  const faults: unknown[] = [];
  const handler = createMcpHandler(createAssistantServer({ world: port, onFault: (fault) => faults.push(fault) }));
  const client = new Client({ name: 'tamc-evals', version: '1' }, { versionNegotiation: { mode: 'auto' } });
  const fetch = (url: string | URL, init?: RequestInit) => handler.fetch(new Request(url, init));
  await client.connect(new StreamableHTTPClientTransport(new URL('http://localhost/mcp'), { fetch }));
  const close = async () => {
    await client.close();
    await handler.close();
    // A fault of the server is none of the host's: the trial is no result.
    if (faults.length > 0) throw faults[0];
  };
  return { client, close };
}
