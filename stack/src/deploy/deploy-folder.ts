// Brings a canister to a module through the management canister, as any tool for the Internet Computer does.
import { bytesToHex } from '@tamc/base/bytes';
import type { Result } from '@tamc/base/result';
import { type CallError, type Connection, createManagement } from '@tamc/client';
import { type PrincipalHex, principalToText } from '@tamc/protocol/principal';
import { type BuiltCanister, buildCanister } from '../azle/build.ts';
import { renderProblem } from '../azle/problem.ts';
import { CallFailure } from './call-failure.ts';
import { builtToModule, noArguments } from './module.ts';

/** Enough for years of an example on a local replica. */
const initialCycles = 100_000_000_000_000n;

export async function createCanister(connection: Connection): Promise<PrincipalHex> {
  return expectOk(await createManagement(connection).createWithCycles(initialCycles));
}

/** Builds the canister in this folder, installs it as a new one, and tells its id as text. `argument`: Candid, for its `@init`. */
export async function deployFolder(
  connection: Connection,
  folder: string,
  argument: Uint8Array = noArguments,
): Promise<string> {
  const built = await buildCanister(folder);
  if (!built.ok) throw new Error(built.error.map(renderProblem).join('\n'));
  const canister = await createCanister(connection);
  await deploy(connection, canister, built.value, argument);
  return principalToText(canister);
}

export type Deployment = 'installed' | 'upgraded' | 'unchanged';

/** Stable memory is kept when the canister already has a module; then `argument` goes to its `@postUpgrade`. */
export async function deploy(
  connection: Connection,
  canister: PrincipalHex,
  built: BuiltCanister,
  argument: Uint8Array = noArguments,
): Promise<Deployment> {
  const module = builtToModule(built);
  const present = expectOk(await connection.read(canister, ['module_hash']));
  if (present !== null && bytesToHex(present) === module.hash) return 'unchanged';
  const mode = present === null ? 'install' : 'upgrade';
  expectOk(await createManagement(connection).install(canister, mode, module.bytes, argument));
  return present === null ? 'installed' : 'upgraded';
}

function expectOk<T>(result: Result<T, CallError>): T {
  if (!result.ok) throw new CallFailure(result.error);
  return result.value;
}
