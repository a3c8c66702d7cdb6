// Our own texts tell a person what to type as `npx tamc …`, which is right for the usual network in its checkout. Where the network is
// another, every such command is written out whole, so that it is about this network and works anywhere.
import type { Facts, Problem } from './tool.ts';

/** From the words after `npx tamc` to what is typed. */
export type InTerminal = (words: string) => string;

const usual: InTerminal = (words) => `npx tamc ${words}`;

/** Only commands in backticks, as our texts write them; what strangers wrote is not among these texts. */
export function withCommands(text: string, inTerminal: InTerminal = usual): string {
  return text
    .replace(/`npm start`/g, () => (inTerminal === usual ? '`npm start`' : `\`${inTerminal('start')}\``))
    .replace(/`npx tamc ([^`\n]+)`/g, (_, words: string) => `\`${inTerminal(words)}\``);
}

export function factsWithCommands(facts: Facts, inTerminal?: InTerminal): Facts {
  const told = (['next', 'news'] as const).flatMap((name) => {
    const text = facts[name];
    return typeof text === 'string' ? [[name, withCommands(text, inTerminal)] as const] : [];
  });
  return told.length === 0 ? facts : { ...facts, ...Object.fromEntries(told) };
}

export function problemWithCommands(problem: Problem, inTerminal?: InTerminal): Problem {
  return { ...problem, nextStep: withCommands(problem.nextStep, inTerminal) };
}
