// `tamc call`: one method of one canister, with the interface read from the canister itself.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type CallError, type Connection, connect } from '@tamc/client';
import { type PrincipalHex, parsePrincipal } from '@tamc/protocol/principal';
import { parseArgumentValues, renderValues, valueToJson } from '../candid/argument-values.ts';
import { type Methods, parseDid } from '../candid/parse-did.ts';
import { aboutOf, methodOf, readMethods } from '../candid/read-methods.ts';
import { defaultNetworkPath, openNetworkFolder } from '../deploy/network-folder.ts';
import type { Given } from './commands.ts';
import { CommandFailure } from './failure.ts';

export async function run({ values, switches, positionals }: Given): Promise<number> {
  const [canisterText = '', name = '', ...words] = positionals;
  const network = openNetworkFolder(values.store === undefined ? defaultNetworkPath() : resolve(values.store));
  const canister = toPrincipal(canisterText, network.canisters());
  const url = values.url ?? network.running()?.url;
  if (url === undefined) {
    throw new CommandFailure('No replica runs here.', 'Start one with `npm start`, or name one with --url URL.');
  }
  assertAddress(url);
  const connected = await connect({ url, identity: network.identity() });
  if (!connected.ok) throw new CommandFailure(`Nothing answers at ${url}.`, 'Check the address, or `npm start`.');
  const connection = connected.value;
  const methods = values.candid === undefined ? await askMethods(connection, canister) : readDid(values.candid);
  const method = methods[name];
  if (method === undefined) {
    throw new CommandFailure(`${canisterText} has no method "${name}".`, `It has: ${Object.keys(methods).join(', ')}.`);
  }
  const given = parseArgumentValues(method.argTypes, words);
  if (!given.ok) throw new CommandFailure(`${name} ${given.error}.`, `Its type is ${method.display().trim()}.`);
  const answer = await connection.call(
    canister,
    { ...methodOf(name, method), ...aboutOf(canister, given.value) },
    given.value,
  );
  if (!answer.ok) return showFailure(answer.error, switches.has('json'));
  const isJson = switches.has('json');
  console.log(isJson ? JSON.stringify(valueToJson(answer.value)) : renderValues(method.retTypes, answer.value));
  return 0;
}

function assertAddress(url: string): void {
  if (/^https?:\/\//.test(url) && URL.canParse(url)) return;
  throw new CommandFailure(`"${url}" is not the address of a network.`, 'Write it like http://127.0.0.1:4943.');
}

async function askMethods(connection: Connection, canister: PrincipalHex): Promise<Methods> {
  const methods = await readMethods(connection, canister);
  if (methods.ok) return methods.value;
  const next =
    'Check the id, and that a canister is installed there. Where it carries no interface, give one: --candid FILE.';
  throw new CommandFailure(methods.error, next);
}

function readDid(path: string): Methods {
  const methods = parseDid(readFileSync(path, 'utf8'));
  if (methods.ok) return methods.value;
  throw new CommandFailure(`${path} is no Candid interface: ${methods.error}.`, 'Give the .did file of the canister.');
}

function showFailure(error: CallError, isJson: boolean): number {
  const { kind, message, code, rejectCode, nextStep } = error;
  if (isJson) console.log(JSON.stringify(callErrorToJson(error)));
  else if (kind === 'rejected') console.error(`rejected (code ${rejectCode}, ${code}): ${message}`);
  else console.error(`${kind} (${code}): ${message}\n  → ${nextStep}`);
  return 1;
}

/** Only what the network rejected was not done: a lost answer must not look like that. */
export function callErrorToJson({ kind, message, code, rejectCode, nextStep }: CallError): object {
  return kind === 'rejected'
    ? { rejected: { message, code: rejectCode, errorCode: code } }
    : { error: { message, next: nextStep, kind, code } };
}

function toPrincipal(text: string, names: Readonly<Record<string, string>>): PrincipalHex {
  const found = parsePrincipal(names[text] ?? text);
  if (found !== null) return found;
  const known = Object.keys(names);
  const next = known.length === 0 ? 'Give its id.' : `Give its id, or one of these names: ${known.join(', ')}.`;
  throw new CommandFailure(`There is no canister "${text}".`, next);
}
