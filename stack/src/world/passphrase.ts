// Shell (terminal): the passphrase of an owner. It is asked without showing it, or comes from TAMC_PASSPHRASE where nobody sits; it is
// never an argument, because arguments are seen by every program on this computer.
import { randomInt } from 'node:crypto';
import { ok, type Result, refuse } from '@tamc/base/result';
import { ownTerminal, readHiddenKeys, type Terminal } from './hidden-keys.ts';

export const passphraseVariable = 'TAMC_PASSPHRASE';

/** No I, L, O, U, 0 or 1, which are read or heard as others. */
const letters = 'abcdefghjkmnpqrstvwxyz23456789';
const groups = 6;
const groupLength = 4;

/** 24 characters of 30, drawn evenly: more than 117 bits. */
export function createPassphrase(): string {
  const group = () => Array.from({ length: groupLength }, () => letters[randomInt(letters.length)]).join('');
  return Array.from({ length: groups }, group).join('-');
}

export function givenPassphrase(): string | null {
  const given = process.env[passphraseVariable];
  return given === undefined || given === '' ? null : given;
}

/** Somebody sits at a terminal: a program that runs commands for an assistant does not count as that. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stdout.isTTY === true;
}

/** Refused with the next step where nobody can be asked. */
export async function askPassphrase(prompt: string): Promise<Result<string, string>> {
  const given = givenPassphrase();
  if (given !== null) return ok(given);
  if (!canAsk()) {
    return refuse(`Run it in a terminal, or give the passphrase in the environment as ${passphraseVariable}.`);
  }
  const typed = await readSilently(prompt);
  if (typed === null) return refuse('Nothing was done. Run it again when you have the passphrase.');
  return typed === '' ? refuse('It was empty. Run it again and type the passphrase.') : ok(typed);
}

const [backspace, deletion] = ['\b', '\u007f'];

/** Null for Ctrl-C and Ctrl-D. */
export async function readSilently(prompt: string, terminal: Terminal = ownTerminal()): Promise<string | null> {
  let typed = '';
  const take = (key: string) => {
    if (key === '\r' || key === '\n') return { meant: typed };
    if (key === backspace || key === deletion) typed = [...typed].slice(0, -1).join('');
    else if (key >= ' ') typed += key;
    return null;
  };
  const read = await readHiddenKeys(terminal, prompt, take, null);
  terminal.output.write('\n');
  return read;
}
