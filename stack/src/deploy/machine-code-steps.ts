// The code that machines are born with: piece by piece in the registry's own store, approved, and the newest that is.
import { bytesToHex, parseHex } from '@tamc/base/bytes';
import { ok, type Result, refuse } from '@tamc/base/result';
import { bindRegistry, type CodeReply, type Connection, type Management, type Registry, wordOf } from '@tamc/client';
import { sha256 } from '@tamc/protocol/hash';
import type { PrincipalHex } from '@tamc/protocol/principal';
import type { Deployer } from './canister-steps.ts';
import { chunksOf, type Module } from './module.ts';
import { openIfRejected } from './registry-steps.ts';
import type { Step, StepProblem } from './steps.ts';

const notThere: StepProblem = { message: 'the registry was not created', nextStep: 'Deploy again.' };
const machineKind = 'machine';

/** Approval is looked at this often: the registry asks its own store first, which takes a round or two. */
const looks = 20;
const lookPauseMs = 500;

/** The specification's: so many pieces a canister can store, of whatever size. */
const storedChunksMax = 100;

export function machineCodeSteps(deployer: Deployer, version: string, module: Module): readonly Step[] {
  const registry = () => deployer.remembered.idOf('registry');
  const chunks = chunksOf(module);
  const hashes = chunks.map((chunk) => bytesToHex(sha256(chunk)));
  return [
    uploadStep(deployer, module, chunks, hashes),
    {
      id: 'machine/approve',
      text: `approve the code of a machine, version ${version}`,
      isDone: async () => {
        const id = registry();
        return ok(id !== null && (await isApproved(bindRegistry(deployer.connection, id), module.hash)));
      },
      run: async () => {
        const id = registry();
        return id === null
          ? refuse(notThere)
          : await approve(bindRegistry(deployer.connection, id), version, module, hashes);
      },
    },
    newestStep(deployer, version, module),
  ];
}

/** A full store is emptied: what is in it cannot be taken out piece by piece, so approved code whose pieces go retires first. */
function uploadStep(
  { connection, management, remembered }: Deployer,
  module: Module,
  chunks: readonly Uint8Array[],
  hashes: readonly string[],
): Step {
  const what = `put the code of a machine into the registry's store (${chunks.length === 1 ? 'one piece' : `${chunks.length} pieces`})`;
  let mustClear = false;
  return {
    id: 'machine/upload',
    get text() {
      return mustClear ? `${what}, which is full: retire all older code and empty it` : what;
    },
    isDone: async () => {
      const id = remembered.idOf('registry');
      if (id === null) return ok(false);
      // What is approved was there when it was; the registry itself keeps it so.
      if (await isApproved(bindRegistry(connection, id), module.hash)) return ok(true);
      const stored = await management.storedChunks(id);
      if (!stored.ok) return stored;
      const missing = hashes.filter((hash) => !stored.value.has(hash));
      mustClear = stored.value.size + missing.length > storedChunksMax;
      return ok(missing.length === 0);
    },
    run: async () => {
      const id = remembered.idOf('registry');
      if (id === null) return refuse(notThere);
      const cleared = mustClear ? await clearStore(connection, management, id) : ok(undefined);
      if (!cleared.ok) return cleared;
      for (const chunk of chunks) {
        const uploaded = await management.uploadChunk(id, chunk);
        if (!uploaded.ok) return uploaded;
      }
      return ok(undefined);
    },
  };
}

async function clearStore(
  connection: Connection,
  management: Management,
  id: PrincipalHex,
): Promise<Result<void, StepProblem>> {
  const registry = bindRegistry(connection, id);
  const codes = await registry.codes();
  if (!codes.ok) return codes;
  for (const code of codes.value.filter(({ standing }) => wordOf(standing) === 'approved')) {
    const retired = await registry.retire_code(code.module_hash);
    if (!retired.ok) return retired;
  }
  return await management.clearChunks(id);
}

/** The registry takes the newest that it has approved. After a return to older code that is not what is deployed. */
function newestStep({ connection, remembered }: Deployer, version: string, module: Module): Step {
  let newer: readonly CodeReply[] = [];
  return {
    id: 'machine/newest',
    get text() {
      const names = newer.map((code) => `${code.version} (${hashOf(code).slice(0, 8)})`);
      if (names.length === 0) return `have machines born with this code, version ${version}`;
      return `have machines born with this code, version ${version}: retire ${names.join(', ')}, which is newer`;
    },
    isDone: async () => {
      const id = remembered.idOf('registry');
      if (id === null) return ok(false);
      const codes = await bindRegistry(connection, id).codes();
      if (!codes.ok) return openIfRejected(codes.error);
      newer = newerThan(module.hash, codes.value);
      return ok(newer.length === 0 && codes.value.some((code) => hashOf(code) === module.hash));
    },
    run: async () => {
      const id = remembered.idOf('registry');
      if (id === null) return refuse(notThere);
      for (const code of newer) {
        const retired = await bindRegistry(connection, id).retire_code(code.module_hash);
        if (!retired.ok) return retired;
      }
      return ok(undefined);
    },
  };
}

/** In the order in which they were proposed. One that is not known yet will be the newest. */
function newerThan(hash: string, codes: readonly CodeReply[]): readonly CodeReply[] {
  const at = codes.findIndex((code) => hashOf(code) === hash);
  if (at < 0) return [];
  return codes.slice(at + 1).filter((code) => code.kind === machineKind && wordOf(code.standing) === 'approved');
}

function hashOf({ module_hash: hash }: CodeReply): string {
  return bytesToHex(Uint8Array.from(hash));
}

async function isApproved(registry: Registry, hash: string): Promise<boolean> {
  return (await standingOf(registry, hash))?.word === 'approved';
}

async function standingOf(registry: Registry, hash: string) {
  const codes = await registry.codes();
  if (!codes.ok) return null;
  const code = codes.value.find((item) => hashOf(item) === hash);
  return code === undefined ? null : { word: wordOf(code.standing), problem: code.problem[0] ?? '' };
}

async function approve(
  registry: Registry,
  version: string,
  { hash, candid, layout }: Module,
  chunkHashes: readonly string[],
): Promise<Result<void, StepProblem>> {
  const proposed = await registry.approve_code({
    kind: machineKind,
    version,
    module_hash: parseHex(hash)!,
    chunk_hashes: chunkHashes.map((item) => parseHex(item)!),
    candid,
    layout: layout ?? '',
  });
  if (!proposed.ok) return proposed;
  for (let look = 0; look < looks; look++) {
    const standing = await standingOf(registry, hash);
    if (standing?.word === 'approved') return ok(undefined);
    if (standing?.word === 'refused') return refuse({ message: standing.problem, nextStep: 'Deploy again.' });
    await new Promise((resolve) => setTimeout(resolve, lookPauseMs));
  }
  return refuse({ message: 'the registry has not finished looking at it', nextStep: 'Deploy again in a moment.' });
}
