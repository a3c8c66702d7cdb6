// `tamc call`: one method of one canister, with the interface read from the canister itself.
import { resolve } from 'node:path';
import { type CallError, connect } from '@tamc/client';
import { type PrincipalHex, parsePrincipal } from '@tamc/protocol/principal';
import { parseArgumentValues, renderValues, valueToJson } from '../candid/argument-values.ts';
import { methodOf, readMethods } from '../candid/read-methods.ts';
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
  const connected = await connect({ url, identity: network.identity() });
  if (!connected.ok) throw new CommandFailure(`Nothing answers at ${url}.`, 'Check the address, or `npm start`.');
  const connection = connected.value;
  const methods = await readMethods(connection, canister);
  if (!methods.ok) throw new CommandFailure(methods.error, 'Check the id, and that a canister is installed there.');
  const method = methods.value[name];
  if (method === undefined) {
    throw new CommandFailure(
      `${canisterText} has no method "${name}".`,
      `It has: ${Object.keys(methods.value).join(', ')}.`,
    );
  }
  const given = parseArgumentValues(method.argTypes, words);
  if (!given.ok) throw new CommandFailure(`${name} ${given.error}.`, `Its type is ${method.display().trim()}.`);
  const answer = await connection.call(canister, methodOf(name, method), given.value);
  if (!answer.ok) return showRejection(answer.error, switches.has('json'));
  const isJson = switches.has('json');
  console.log(isJson ? JSON.stringify(valueToJson(answer.value)) : renderValues(method.retTypes, answer.value));
  return 0;
}

function showRejection({ kind, message, code, rejectCode, nextStep }: CallError, isJson: boolean): number {
  if (isJson) console.log(JSON.stringify({ rejected: { message, code: rejectCode, errorCode: code } }));
  else if (kind === 'rejected') console.error(`rejected (code ${rejectCode}, ${code}): ${message}`);
  else console.error(`${kind} (${code}): ${message}\n  → ${nextStep}`);
  return 1;
}

function toPrincipal(text: string, names: Readonly<Record<string, string>>): PrincipalHex {
  const found = parsePrincipal(names[text] ?? text);
  if (found !== null) return found;
  const known = Object.keys(names);
  const next = known.length === 0 ? 'Give its id.' : `Give its id, or one of these names: ${known.join(', ')}.`;
  throw new CommandFailure(`There is no canister "${text}".`, next);
}
