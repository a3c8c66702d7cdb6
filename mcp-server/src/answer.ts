// The one place where a tool's result becomes MCP content. Hosts differ in which form they show their model, so both always hold
// the same facts; of an error they show only the text.
import type { CallToolResult } from '@modelcontextprotocol/server';
import type { Facts, Plan, Problem } from './tool.ts';

/** Far below what hosts cut off or put into a file. */
export const answerBytesMax = 20_000;

export function factsToResult(facts: Facts): CallToolResult {
  const text = toText(facts);
  if (Buffer.byteLength(text) > answerBytesMax) return problemToResult(tooLong);
  // Parsed again, so that both forms are the same JSON: no big integers, no undefined.
  return { content: [{ type: 'text', text }], structuredContent: JSON.parse(text) };
}

const tooLong: Problem = {
  code: 'AnswerTooLong',
  message: `The answer would be longer than ${answerBytesMax} bytes.`,
  nextStep: 'Ask for less: a smaller limit, or one machine instead of all.',
};

export function problemToResult({ code, message, nextStep }: Problem): CallToolResult {
  return { content: [{ type: 'text', text: `${code}: ${sentence(message)}\nNext: ${nextStep}` }], isError: true };
}

/** A plan is no error: nothing happened yet, and the token makes it happen. */
export function planToFacts({ summary, facts }: Plan, token: string, expiresMs: number): Facts {
  return {
    ...facts,
    status: 'confirmation_needed',
    plan: summary,
    confirm: token,
    expires: new Date(expiresMs).toISOString(),
    next: 'Nothing has happened yet. Show the plan to the person; if they agree, call the same tool again with the same arguments and this `confirm`.',
  };
}

function toText(facts: Facts): string {
  return JSON.stringify(facts, (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
}

function sentence(text: string): string {
  const trimmed = text.trim();
  // A word alone: an id, a symbol or a name of ours stays as it is written, because it may be copied from here.
  const capital = /^[a-z]+(?=[ ,.;:]|$)/.test(trimmed) ? trimmed.charAt(0).toUpperCase() + trimmed.slice(1) : trimmed;
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}
