// The steps that bring one canister to one module: it exists, it has that code, and it runs. An upgrade is checked before it is
// applied: what would break clients or lose data is refused, with the place named.
import { bytesToHex, parseText } from '@tamc/base/bytes';
import { ok, type Result, refuse } from '@tamc/base/result';
import type { CallError, Connection, Management } from '@tamc/client';
import { type PrincipalHex, principalToText } from '@tamc/protocol/principal';
import { upgradeProblems } from './check-upgrade.ts';
import type { Creations } from './creations.ts';
import { cyclesStep } from './cycles-step.ts';
import { isThere } from './is-there.ts';
import { type Module, noArguments } from './module.ts';
import type { Step, StepProblem } from './steps.ts';

/** What a deployment remembers of a network: the ids of what it created there, by name. */
export interface Remembered {
  idOf(name: string): PrincipalHex | null;
  remember(name: string, id: PrincipalHex): void;
  /** The file, for who has to move it away; missing where there is none. */
  readonly path?: string;
  /** What was asked for and not heard of yet; missing where nothing outlives the process. */
  readonly creations?: Creations;
}

export interface CanisterPlan {
  /** `ledger`; also what other commands call it. */
  readonly name: string;
  readonly module: Module;
  readonly cycles: bigint;
  /** With less it cannot do its work. */
  readonly cyclesMin: bigint;
  /** Candid-encoded, for the first installation; made when it is needed, because it may hold ids of earlier canisters. */
  argument(): Uint8Array;
}

export interface Deployer {
  readonly connection: Connection;
  readonly management: Management;
  readonly remembered: Remembered;
  /** Given away on networks for development, bought on the main network, unknown on an engine. */
  readonly cyclesAre: 'given' | 'bought' | 'none';
  /** How a canister is created where this network is. */
  create(cycles: bigint, name: string): Promise<Result<PrincipalHex, CallError>>;
}

export function canisterSteps(deployer: Deployer, plan: CanisterPlan): readonly Step[] {
  const hasCode = async () => {
    const hash = await presentHash(deployer, plan.name);
    return hash.ok ? ok(hash.value === plan.module.hash) : hash;
  };
  return [
    createStep(deployer, plan),
    cyclesStep(deployer, plan, hasCode),
    codeStep(deployer, plan),
    runStep(deployer, plan),
  ];
}

function createStep({ management, remembered, create }: Deployer, { name, cycles }: CanisterPlan): Step {
  return {
    id: `${name}/create`,
    text: `create the canister of the ${name}`,
    isDone: async () => {
      const id = remembered.idOf(name);
      if (id === null) return ok(false);
      const there = await isThere(management, id);
      // Never created anew by itself: the network that it is on may still be alive elsewhere, and its ids would be lost.
      return there.ok && !there.value ? refuse(otherNetwork(id, remembered)) : there;
    },
    run: async () => {
      const created = await create(cycles, name);
      if (!created.ok) return created;
      remembered.remember(name, created.value);
      remembered.creations?.end(name);
      return ok(undefined);
    },
  };
}

function otherNetwork(id: PrincipalHex, { path = 'what is remembered' }: Remembered): StepProblem {
  return {
    message: `${path} names ${principalToText(id)}, and this network has no such canister: it is another network, or one that began anew`,
    nextStep: `Move ${path} away to begin anew here, or give the --store that belongs to this network.`,
  };
}

async function presentHash(
  { connection, remembered }: Deployer,
  name: string,
): Promise<Result<string | null, CallError>> {
  const id = remembered.idOf(name);
  if (id === null) return ok(null);
  const hash = await connection.read(id, ['module_hash']);
  return hash.ok ? ok(hash.value === null ? null : bytesToHex(hash.value)) : hash;
}

function codeStep(deployer: Deployer, { name, module, argument }: CanisterPlan): Step {
  const { connection, management, remembered } = deployer;
  return {
    id: `${name}/code`,
    text: `bring the ${name} to the code of this checkout`,
    isDone: async () => {
      const id = remembered.idOf(name);
      const hash = await presentHash(deployer, name);
      if (!hash.ok || hash.value === module.hash) return hash.ok ? ok(true) : hash;
      if (id === null || hash.value === null) return ok(false);
      // Asked while planning: what an earlier step upgrades is in force by the time that this one is refused.
      const fits = await upgradeProblem(connection, id, module);
      return fits.ok ? ok(false) : fits;
    },
    run: async () => {
      const id = remembered.idOf(name);
      if (id === null) return refuse(notCreated);
      const hash = await presentHash(deployer, name);
      if (!hash.ok) return hash;
      if (hash.value !== null) return await upgrade(management, id, module);
      const installed = await management.install(id, 'install', module.bytes, argument());
      if (installed.ok) return installed;
      const now = await presentHash(deployer, name);
      // It was empty a moment ago. What the network advises would erase what the other one has brought.
      return now.ok && now.value !== null ? refuse(otherDeployment) : installed;
    },
  };
}

/** A deployment that was cut off in the middle of an upgrade leaves the canister stopped. */
function runStep({ management, remembered }: Deployer, { name }: CanisterPlan): Step {
  return {
    id: `${name}/run`,
    text: `have the ${name} running`,
    isDone: async () => {
      const id = remembered.idOf(name);
      return id === null ? ok(false) : await management.isRunning(id);
    },
    run: async () => {
      const id = remembered.idOf(name);
      return id === null ? refuse(notCreated) : await management.start(id);
    },
  };
}

const otherDeployment: StepProblem = {
  message: 'somebody else deploys here at the same time, and was first',
  nextStep: 'Wait until that has ended, then deploy again: what is done is not done twice.',
};
const notCreated: StepProblem = { message: 'it was not created', nextStep: 'Deploy again.' };

/** Stopped meanwhile, so that no call is open over the change; started again whatever came of it. */
async function upgrade(management: Management, id: PrincipalHex, module: Module): Promise<Result<void, StepProblem>> {
  const stopped = await management.stop(id);
  if (!stopped.ok) return stopped;
  const upgraded = await management.install(id, 'upgrade', module.bytes, noArguments);
  const started = await management.start(id);
  return upgraded.ok ? started : upgraded;
}

async function upgradeProblem(connection: Connection, id: PrincipalHex, module: Module) {
  const candid = await readText(connection, id, 'candid:service');
  const layout = await readText(connection, id, 'tamc:layout');
  if (!candid.ok) return candid;
  if (!layout.ok) return layout;
  const problems = upgradeProblems({ candid: candid.value ?? '', layout: layout.value }, module);
  if (problems.length === 0) return ok(undefined);
  return refuse({
    message: `the new code would break or lose what is there in ${principalToText(id)}:\n  ${problems.join('\n  ')}`,
    nextStep:
      'Keep what is used: add methods, optional fields, and fields with a default; leave the old ones as they are.',
  });
}

async function readText(connection: Connection, id: PrincipalHex, name: string) {
  const found = await connection.read(id, ['metadata', name]);
  return found.ok ? ok(found.value === null ? null : parseText(found.value)) : found;
}
