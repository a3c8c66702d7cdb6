// Fixtures of the referee for what a server may say during a call: log lines, progress, questions to the client.
import { setTimeout as delay } from 'node:timers/promises';
import type { McpServer, ServerContext } from '@modelcontextprotocol/server';
import { z } from 'zod';

const said = (text: string) => ({ content: [{ type: 'text' as const, text }] });
/** Long enough that messages of one call are not one packet. */
const pauseMs = 50;

const quiet = { description: 'Sends notifications while it works' };

/** In both revisions. */
export function registerNotices(server: McpServer): void {
  server.registerTool('test_tool_with_progress', quiet, async ({ mcpReq }) => {
    const progressToken = mcpReq._meta?.progressToken;
    for (const progress of [0, 50, 100]) {
      const params = { progressToken, progress, total: 100 };
      if (progressToken !== undefined) await mcpReq.notify({ method: 'notifications/progress', params });
      await delay(pauseMs);
    }
    return said('It has told its progress.');
  });
  server.registerTool('test_logging_tool', quiet, async ({ mcpReq }) => {
    await mcpReq.log('info', 'only for who asked for log lines');
    return said('It has logged.');
  });
}

/** In revision 2025-11-25 only. */
export function registerTalk(server: McpServer): void {
  server.registerTool('test_tool_with_logging', quiet, async ({ mcpReq }) => {
    for (const line of ['Tool execution started', 'Tool processing data', 'Tool execution completed']) {
      await mcpReq.log('info', line);
      await delay(pauseMs);
    }
    return said('It has logged.');
  });
  server.registerTool(
    'test_sampling',
    { description: 'Asks the model of the client', inputSchema: z.object({ prompt: z.string() }) },
    async ({ prompt }, { mcpReq }) => {
      const messages = [{ role: 'user' as const, content: { type: 'text' as const, text: prompt } }];
      const { content } = await mcpReq.requestSampling({ messages, maxTokens: 100 });
      return said(`LLM response: ${JSON.stringify(content)}`);
    },
  );
  server.registerTool(
    'test_elicitation',
    { description: 'Asks the person', inputSchema: z.object({ message: z.string() }) },
    async ({ message }, context) =>
      await elicit(context, message, { username: { type: 'string' }, email: { type: 'string' } }),
  );
  registerForms(server);
}

type Fields = Parameters<ServerContext['mcpReq']['elicitInput']>[0] extends infer Params
  ? Params extends { requestedSchema: { properties: infer Properties } }
    ? Properties
    : never
  : never;

async function elicit({ mcpReq }: ServerContext, message: string, properties: Fields) {
  const requestedSchema = { type: 'object' as const, properties };
  const { action, content } = await mcpReq.elicitInput({ mode: 'form', message, requestedSchema });
  return said(`User response: action=${action}, content=${JSON.stringify(content ?? {})}`);
}

const titled = (...titles: readonly string[]) => titles.map((title, i) => ({ const: `value${i + 1}`, title }));
const options = ['option1', 'option2', 'option3'];

const withDefaults: Fields = {
  name: { type: 'string', default: 'John Doe' },
  age: { type: 'integer', default: 30 },
  score: { type: 'number', default: 95.5 },
  status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
  verified: { type: 'boolean', default: true },
};

const withChoices: Fields = {
  untitledSingle: { type: 'string', enum: options },
  titledSingle: { type: 'string', oneOf: titled('First Option', 'Second Option', 'Third Option') },
  legacyEnum: {
    type: 'string',
    enum: ['opt1', 'opt2', 'opt3'],
    enumNames: ['Option One', 'Option Two', 'Option Three'],
  },
  untitledMulti: { type: 'array', minItems: 1, maxItems: 3, items: { type: 'string', enum: options } },
  titledMulti: {
    type: 'array',
    minItems: 1,
    maxItems: 3,
    items: { anyOf: titled('First Choice', 'Second Choice', 'Third Choice') },
  },
};

function registerForms(server: McpServer): void {
  const forms = { test_elicitation_sep1034_defaults: withDefaults, test_elicitation_sep1330_enums: withChoices };
  for (const [name, fields] of Object.entries(forms))
    server.registerTool(
      name,
      { description: 'Asks by a form' },
      async (context) => await elicit(context, name, fields),
    );
}
