// Brings a canister to a module through the management canister, as any tool for the Internet Computer does.
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { HttpAgent } from '@dfinity/agent';
import type { Principal } from '@dfinity/principal';
import { bytesEqual } from '@tamc/base/bytes';
import { buildCanister } from '../azle/build.ts';
import { renderProblem } from '../azle/problem.ts';
import { readCanisterState } from './canister-state.ts';
import { createManagement } from './management.ts';

/** Enough for years of an example on a local replica. */
const initialCycles = 100_000_000_000_000n;

export function createCanister(agent: HttpAgent): Promise<Principal> {
  return createManagement(agent).create(initialCycles);
}

/** Builds the canister in this folder and installs it as a new one. */
export async function deployFolder(agent: HttpAgent, folder: string): Promise<Principal> {
  const built = await buildCanister(folder);
  if (!built.ok) throw new Error(built.error.map(renderProblem).join('\n'));
  const canister = await createCanister(agent);
  await deploy(agent, canister, built.value.wasm);
  return canister;
}

export type Deployment = 'installed' | 'upgraded' | 'unchanged';

/** Stable memory is kept when the canister already has a module. */
export async function deploy(agent: HttpAgent, canister: Principal, wasm: Uint8Array): Promise<Deployment> {
  // One message holds at most 2 MiB, and a canister with a JavaScript interpreter in it is larger than that.
  const module = new Uint8Array(gzipSync(wasm, { level: 9 }));
  const present = await readCanisterState(agent, canister, ['module_hash']);
  if (present !== null && bytesEqual(present, createHash('sha256').update(module).digest())) return 'unchanged';
  await createManagement(agent).install(canister, module, present !== null);
  return present === null ? 'installed' : 'upgraded';
}
