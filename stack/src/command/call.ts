// `tamc call`: one method of one canister, with the interface read from the canister itself.
import { resolve } from 'node:path';
import { Principal } from '@dfinity/principal';
import { parseArgumentValues, renderValues, valueToJson } from '../candid/argument-values.ts';
import { connect, type Rejection } from '../client/connection.ts';
import { defaultNetworkPath, openNetworkFolder } from '../client/network-folder.ts';
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
  const connection = await connect(url, network.identity());
  if (connection === null) throw new CommandFailure(`Nothing answers at ${url}.`, 'Check the address, or `npm start`.');
  const methods = await connection.methodsOf(canister);
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
  const answer = await connection.call(canister, name, method, given.value);
  if (!answer.ok) return showRejection(answer.error, switches.has('json'));
  const isJson = switches.has('json');
  console.log(isJson ? JSON.stringify(valueToJson(answer.value)) : renderValues(method.retTypes, answer.value));
  return 0;
}

function showRejection(rejection: Rejection, isJson: boolean): number {
  const { message, code, errorCode } = rejection;
  if (isJson) console.log(JSON.stringify({ rejected: rejection }));
  else console.error(`rejected (code ${code}${errorCode === null ? '' : `, ${errorCode}`}): ${message}`);
  return 1;
}

function toPrincipal(text: string, names: Readonly<Record<string, string>>): Principal {
  try {
    return Principal.fromText(names[text] ?? text);
  } catch {
    const known = Object.keys(names);
    const next = known.length === 0 ? 'Give its id.' : `Give its id, or one of these names: ${known.join(', ')}.`;
    throw new CommandFailure(`There is no canister "${text}".`, next);
  }
}
