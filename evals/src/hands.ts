// What a host has of the world: the tools of the MCP server, and nothing else.
import type { CallToolResult, Tool } from '@modelcontextprotocol/client';

export type Json = Readonly<Record<string, unknown>>;

/** One answer, as a host sees it. */
export interface Answer {
  /** Null for an error. */
  readonly facts: Json | null;
  readonly text: string;
}

export interface Hands {
  /** What the server says of itself before anything else. */
  readonly instructions: string;
  readonly tools: readonly Tool[];
  /** As the protocol has it, for a tool runner. */
  callTool(params: { readonly name: string; readonly arguments?: Record<string, unknown> }): Promise<CallToolResult>;
  call(name: string, args?: Json): Promise<Answer>;
  /** Calls, and confirms the plan where one comes back. */
  act(name: string, args: Json): Promise<Answer>;
}

/** The trial allows no further call. */
export class CallsUsedUp extends Error {
  override readonly name = 'CallsUsedUp';
}

export function answerOf({ content, isError, structuredContent }: CallToolResult): Answer {
  const [first] = content;
  const text = first?.type === 'text' ? first.text : '';
  const facts = typeof structuredContent === 'object' && structuredContent !== null ? { ...structuredContent } : {};
  return { text, facts: isError === true ? null : facts };
}

/** The verbs over one way to call. */
export function createHands({
  instructions,
  tools,
  callTool,
}: Pick<Hands, 'instructions' | 'tools' | 'callTool'>): Hands {
  const call = async (name: string, args: Json = {}) => answerOf(await callTool({ name, arguments: { ...args } }));
  return {
    instructions,
    tools,
    callTool,
    call,
    act: async (name, args) => {
      const planned = await call(name, args);
      const confirm = planned.facts?.confirm;
      return confirm === undefined ? planned : await call(name, { ...args, confirm });
    },
  };
}
