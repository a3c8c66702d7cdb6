// A request as a person reads it in a terminal: the text made from its payload, line by line, and nothing that could be mistaken for it.
import { principalToText } from '@tamc/protocol/principal';
import type { Waiting } from '../approve/waiting.ts';
import { harmless, wrap } from './cells.ts';
import type { Paint } from './paint.ts';
import { waitingText } from './status.ts';

export interface RequestLook {
  readonly columns: number;
  readonly paint: Paint;
  readonly nowNs: bigint;
  /** What a person types for this network, from the words after `npx tamc`. */
  readonly inTerminal: (words: string) => string;
}

/** Whole. */
export function renderRequestCard(one: Waiting, { columns, paint }: RequestLook): readonly string[] {
  const title = paint('strong', `${harmless(one.name)}, request ${one.request}`);
  if (one.problem !== null) return [title, ...card(one.text, columns).map((line) => paint('bad', line))];
  return [title, ...card(one.text, columns)];
}

function card(text: string, columns: number): readonly string[] {
  return text
    .split('\n')
    .flatMap((fact) =>
      wrap(harmless(fact), Math.max(10, columns - 4)).map((line, i) => (i === 0 ? `  ${line}` : `    ${line}`)),
    );
}

/** One line each, with the words that decide it. */
export function renderRequestList(waiting: readonly Waiting[], look: RequestLook): readonly string[] {
  if (waiting.length === 0) return ['Nothing waits for your approval.'];
  const lines = waiting.flatMap((one) => [
    ...wrap(waitingText(one, look.nowNs), look.columns),
    look.paint('quiet', `  ${look.inTerminal(`approve ${principalToText(one.machine)} ${one.request}`)}`),
  ]);
  return [look.paint('strong', `${waiting.length} for you to decide:`), ...lines];
}
