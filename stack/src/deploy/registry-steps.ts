// What the registry has to know before machines can be born: the code of a machine, piece by piece in its own store, and the ledgers.
import { bytesToHex, parseHex } from '@tamc/base/bytes';
import { ok, type Result, refuse } from '@tamc/base/result';
import {
  bindLedger,
  bindRegistry,
  type CallError,
  type LedgerFacts,
  type RegisteredLedgerReply,
  type Registry,
} from '@tamc/client';
import { sha256 } from '@tamc/protocol/hash';
import { hexToPrincipal, type PrincipalHex, principalToText } from '@tamc/protocol/principal';
import { isPrintableLine, printableLineWanted } from '@tamc/protocol/printable';
import { registryLimits } from '@tamc/protocol/registry';
import type { Deployer } from './canister-steps.ts';
import { ledgerFeeMax } from './configuration-limits.ts';
import { chunksOf, type Module } from './module.ts';
import type { Step, StepProblem } from './steps.ts';

const notThere: StepProblem = { message: 'the registry was not created', nextStep: 'Deploy again.' };

/** Approval is looked at this often: the registry asks its own store first, which takes a round or two. */
const looks = 20;
const lookPauseMs = 500;

export function machineCodeSteps(deployer: Deployer, version: string, module: Module): readonly Step[] {
  const registry = () => deployer.remembered.idOf('registry');
  const chunks = chunksOf(module);
  const hashes = chunks.map((chunk) => bytesToHex(sha256(chunk)));
  return [
    {
      id: 'machine/upload',
      text: `put the code of a machine into the registry's store (${chunks.length === 1 ? 'one piece' : `${chunks.length} pieces`})`,
      isDone: async () => {
        const id = registry();
        if (id === null) return ok(false);
        // What is approved was there when it was; the registry itself keeps it so.
        if (await isApproved(bindRegistry(deployer.connection, id), module.hash)) return ok(true);
        const stored = await deployer.management.storedChunks(id);
        return stored.ok ? ok(hashes.every((hash) => stored.value.has(hash))) : stored;
      },
      run: async () => {
        const id = registry();
        if (id === null) return refuse(notThere);
        for (const chunk of chunks) {
          const uploaded = await deployer.management.uploadChunk(id, chunk);
          if (!uploaded.ok) return uploaded;
        }
        return ok(undefined);
      },
    },
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
  ];
}

async function isApproved(registry: Registry, hash: string): Promise<boolean> {
  return (await standingOf(registry, hash))?.word === 'approved';
}

async function standingOf(registry: Registry, hash: string) {
  const codes = await registry.codes();
  if (!codes.ok) return null;
  const code = codes.value.find((item) => bytesToHex(Uint8Array.from(item.module_hash)) === hash);
  return code === undefined ? null : { word: Object.keys(code.standing)[0], problem: code.problem[0] ?? '' };
}

async function approve(
  registry: Registry,
  version: string,
  { hash, candid, layout }: Module,
  chunkHashes: readonly string[],
): Promise<Result<void, StepProblem>> {
  const proposed = await registry.approve_code({
    kind: 'machine',
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

/** A canister without code, or one that is stopped: an earlier step is open, and so is this one. */
export function openIfRejected(error: CallError): Result<boolean, CallError> {
  return error.kind === 'rejected' ? ok(false) : refuse(error);
}

/** `named`: it becomes the home of machines. `first`: it does where there is none yet; the governor may have chosen another since. */
export type Home = 'named' | 'first' | 'no';

/** `find` tells the ledger once it is there. */
export function ledgerStep(
  { connection, remembered }: Deployer,
  name: string,
  home: Home,
  find: () => Promise<Result<LedgerFacts | null, CallError>>,
): Step {
  return {
    id: `${name}/register`,
    text: `tell the registry of the ledger${name === 'ledger' ? '' : ` ${name}`}`,
    isDone: async () => {
      const id = remembered.idOf('registry');
      const ledger = await find();
      if (!ledger.ok) return openIfRejected(ledger.error);
      if (id === null || ledger.value === null) return ok(false);
      const known = await bindRegistry(connection, id).ledgers();
      if (!known.ok) return openIfRejected(known.error);
      const text = principalToText(ledger.value.id);
      const found = known.value.find((item) => item.ledger.id.toText() === text && !item.retired);
      const isAtHome = found?.home || !becomesHome(home, known.value);
      return ok(found !== undefined && found.ledger.fee === ledger.value.fee && isAtHome);
    },
    run: async () => {
      const id = remembered.idOf('registry');
      const ledger = await find();
      if (!ledger.ok) return ledger;
      if (id === null || ledger.value === null) return refuse(notThere);
      const registry = bindRegistry(connection, id);
      const known = await registry.ledgers();
      if (!known.ok) return known;
      const { symbol, decimals, fee } = ledger.value;
      const args = { id: hexToPrincipal(ledger.value.id), symbol, decimals, fee, home: becomesHome(home, known.value) };
      const added = await registry.add_ledger(args);
      return added.ok ? ok(undefined) : added;
    },
  };
}

function becomesHome(home: Home, known: readonly RegisteredLedgerReply[]): boolean {
  return home === 'named' || (home === 'first' && !known.some((item) => item.home));
}

/** One that is there already, or nothing is begun: whether it is a ledger that machines can use is looked at in the plan. */
export function foreignLedgerStep(deployer: Deployer, id: PrincipalHex, home: Home): Step {
  const name = principalToText(id);
  const find = () => bindLedger(deployer.connection, id).facts();
  const step = ledgerStep(deployer, name, home, find);
  return {
    ...step,
    isDone: async () => {
      const facts = await find();
      const fault = facts.ok ? foreignFault(facts.value) : rejectOf(facts.error);
      if (fault === null) return facts.ok ? await step.isDone() : facts;
      const nextStep = 'Correct its id in "foreignLedgers" of the configuration.';
      return refuse({ message: `${name} is no ledger that machines can use: ${fault}`, nextStep });
    },
  };
}

/** Whatever else went wrong says nothing about the ledger. */
function rejectOf({ kind, message }: CallError): string | null {
  return kind === 'rejected' ? message : null;
}

function foreignFault({ symbol, decimals, fee }: LedgerFacts): string | null {
  const { symbolCharsMax, decimalsMax } = registryLimits;
  if (!isPrintableLine(symbol, symbolCharsMax)) return `its symbol is not ${printableLineWanted(symbolCharsMax)}`;
  if (decimals > decimalsMax) return `it has ${decimals} decimals, and at most ${decimalsMax} can be`;
  return fee > ledgerFeeMax ? `its fee of ${fee} is above ${ledgerFeeMax}` : null;
}
