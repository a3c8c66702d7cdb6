// Asking a person through their host: one way for both revisions. A call ends with a question and comes back with the answer; for
// 2025-11-25 the library does the round itself. What comes back is the client's word, so only the token in it counts.
import {
  CLIENT_CAPABILITIES_META_KEY,
  type InputRequiredResult,
  inputRequired,
  inputResponse,
  type McpServer,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { Asking, Question, Said } from './act.ts';

const key = 'agree';

const Declared = z.object({
  elicitation: z.object({ form: z.object({}).optional(), url: z.object({}).optional() }),
});

export function readAsking(server: McpServer, { mcpReq }: ServerContext): Asking {
  const { envelope } = mcpReq;
  const declared: unknown =
    envelope === undefined
      ? server.server.getClientCapabilities()
      : Reflect.get(envelope, CLIENT_CAPABILITIES_META_KEY);
  const { data } = Declared.safeParse(declared);
  // Who names no form of asking means forms.
  const canAsk = data !== undefined && (data.elicitation.form !== undefined || data.elicitation.url === undefined);
  return { canAsk, said: readSaid(mcpReq) };
}

function readSaid({ inputResponses, requestState }: ServerContext['mcpReq']): Said | null {
  const token: unknown = requestState();
  const response = inputResponse(inputResponses, key);
  if (typeof token !== 'string' || response.kind !== 'elicit') return null;
  const { action } = response;
  return action === 'accept' || action === 'decline' || action === 'cancel' ? { token, action } : null;
}

/** A plain yes or no: the plan is the question, and there is nothing to fill in. */
export function questionToResult({ text, token }: Question): InputRequiredResult {
  const requestedSchema = { type: 'object' as const, properties: {} };
  const message = `${text}\nNothing has happened yet. Shall this be done?`;
  return inputRequired({
    inputRequests: { [key]: inputRequired.elicit({ mode: 'form', message, requestedSchema }) },
    requestState: token,
  });
}
