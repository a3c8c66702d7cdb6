// Fixtures of the referee for questions of revision 2026-07-28: a call ends with what it needs, and is repeated with the answers.
import {
  CLIENT_CAPABILITIES_META_KEY,
  createRequestStateCodec,
  type InputRequiredSpec,
  inputRequired,
  inputResponse,
  type McpServer,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { z } from 'zod';

type InputRequests = NonNullable<InputRequiredSpec['inputRequests']>;
/** What a client may be asked for. */
const Declared = z.object({ sampling: z.unknown().optional(), elicitation: z.unknown().optional() });
interface State {
  readonly step: number;
}

const said = (text: string) => ({ content: [{ type: 'text' as const, text }] });
const form = (message: string, name: string, field: { type: 'string' } | { type: 'boolean' } = { type: 'string' }) =>
  inputRequired.elicit({
    mode: 'form',
    message,
    requestedSchema: { type: 'object', properties: { [name]: field }, required: [name] },
  });
const sample = (text: string) =>
  inputRequired.createMessage({ messages: [{ role: 'user', content: { type: 'text', text } }], maxTokens: 100 });

const question = { user_name: form('What is your name?', 'name') };
const confirmation = { confirm: form('Please confirm', 'ok', { type: 'boolean' }) };

/** States are signed; `verify` is what refuses an altered one before a handler sees it. */
export const states = createRequestStateCodec<State>({ key: 'the key of these fixtures and of nothing else' });

const areAnswered = ({ mcpReq }: ServerContext, requests: InputRequests) =>
  Object.keys(requests).every((key) => inputResponse(mcpReq.inputResponses, key).kind !== 'missing');

const answersOf = ({ mcpReq }: ServerContext) => said(`state-ok ${JSON.stringify(mcpReq.inputResponses)}`);

export function registerInputRequired(server: McpServer): void {
  const ask = (name: string, inputRequests: InputRequests) =>
    server.registerTool(name, { description: 'Asks first' }, async (context) =>
      areAnswered(context, inputRequests) ? answersOf(context) : inputRequired({ inputRequests }),
    );
  ask('test_input_required_result_elicitation', question);
  ask('test_input_required_result_sampling', { capital_question: sample('What is the capital of France?') });
  ask('test_input_required_result_list_roots', { client_roots: inputRequired.listRoots() });
  ask('test_missing_capability', { needed: sample('Nothing.') });
  ask('test_streaming_elicitation', question);
  registerWithState(server);
  registerByCapabilities(server);
  server.registerPrompt('test_input_required_result_prompt', { description: 'Asks first' }, async (context) => {
    const inputRequests = { user_context: form('What context should the prompt use?', 'context') };
    if (!areAnswered(context, inputRequests)) return inputRequired({ inputRequests });
    const [content] = answersOf(context).content;
    return { messages: [{ role: 'user', content: content! }] };
  });
}

/** Each round has a state of its own; without it the first question is asked again. */
function registerWithState(server: McpServer): void {
  const rounds = (name: string, ...steps: readonly InputRequests[]) =>
    server.registerTool(name, { description: 'Asks in rounds' }, async (context) => {
      const asked = context.mcpReq.requestState<State>()?.step ?? -1;
      const next = steps[asked] !== undefined && areAnswered(context, steps[asked]) ? asked + 1 : Math.max(0, asked);
      const inputRequests = steps[next];
      if (inputRequests === undefined) return answersOf(context);
      return inputRequired({ inputRequests, requestState: await states.mint({ step: next }) });
    });
  rounds('test_input_required_result_request_state', confirmation);
  rounds('test_input_required_result_tampered_state', confirmation);
  rounds('test_input_required_result_multiple_inputs', {
    ...question,
    greeting: sample('Generate a greeting'),
    client_roots: inputRequired.listRoots(),
  });
  rounds(
    'test_input_required_result_multi_round',
    { step1: form('Step 1: What is your name?', 'name') },
    { step2: form('Step 2: What is your favorite color?', 'color') },
  );
}

function registerByCapabilities(server: McpServer): void {
  server.registerTool(
    'test_input_required_result_capabilities',
    { description: 'Asks what it can' },
    async (context) => {
      const declared: unknown = Reflect.get(context.mcpReq.envelope ?? {}, CLIENT_CAPABILITIES_META_KEY);
      const { sampling, elicitation } = Declared.parse(declared);
      const inputRequests: InputRequests = {
        ...(sampling === undefined ? {} : { sampled: sample('Hello') }),
        ...(elicitation === undefined ? {} : question),
      };
      return areAnswered(context, inputRequests) ? answersOf(context) : inputRequired({ inputRequests });
    },
  );
}
