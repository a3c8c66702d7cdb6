// Shell (terminal): one key for an answer. Ctrl-C and the end of the input mean the last of the choices.
import { ownTerminal, readHiddenKeys } from '../world/hidden-keys.ts';

export async function readKey(question: string, choices: string): Promise<string> {
  const terminal = ownTerminal();
  const take = (key: string) => (choices.includes(key.toLowerCase()) ? { meant: key.toLowerCase() } : null);
  const key = await readHiddenKeys(terminal, question, take, choices.at(-1)!);
  terminal.output.write(`${key}\n`);
  return key;
}
