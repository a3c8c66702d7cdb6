// Options as people write them: each mistake is told before anything is opened.
import { parsePrincipalText } from '../codec/principal.ts';
import type { ReplicaOptions } from '../replica.ts';
import { defaultLimits } from './genesis.ts';
import { ReplicaError } from './replica-error.ts';

const known = [
  'store',
  'memory',
  'virtualTime',
  'hotMemoryBytesMax',
  'pageMemoryBytesMax',
  'checkpointInstructions',
  'onProgress',
  'log',
  'seed',
  'subnetType',
  'nodeCount',
  'costSchedule',
  'subnetAdmins',
  'instructionLimits',
] as const satisfies readonly (keyof ReplicaOptions)[];

/** Times beyond do not fit the 64 bits in which canisters see them. */
export const timeNsMax = 2n ** 63n - 1n;

export function checkOptions(options: ReplicaOptions): void {
  const unknown = Object.keys(options).find((name) => !known.some((each) => each === name));
  if (unknown !== undefined) throw badOption(unknown, `is not an option`, `There are ${known.join(', ')}.`);
  const { store, nodeCount, subnetType, costSchedule, subnetAdmins, virtualTime } = options;
  if (store === '') throw badOption('store', 'is empty', 'Give a folder, or leave it out to keep nothing.');
  if (nodeCount !== undefined && !(Number.isSafeInteger(nodeCount) && nodeCount >= 1 && nodeCount <= 1_000)) {
    throw badOption('nodeCount', `cannot be ${nodeCount}`, 'Give a whole number from 1 to 1000.');
  }
  if (subnetType !== undefined && subnetType !== 'application' && subnetType !== 'system') {
    throw badOption('subnetType', `cannot be "${subnetType}"`, 'Give "application" or "system".');
  }
  if (costSchedule !== undefined && costSchedule !== 'normal' && costSchedule !== 'free') {
    throw badOption('costSchedule', `cannot be "${costSchedule}"`, 'Give "normal" or "free".');
  }
  for (const admin of subnetAdmins ?? []) {
    if (typeof admin === 'string' && parsePrincipalText(admin) !== null) continue;
    throw badOption('subnetAdmins', `cannot have "${admin}"`, 'Give principals in text form.');
  }
  if (typeof virtualTime === 'object' && !isTime(virtualTime.startNs)) {
    throw badOption(
      'virtualTime.startNs',
      `cannot be ${virtualTime.startNs}`,
      'Give nanoseconds since 1970 as a bigint.',
    );
  }
  for (const name of ['hotMemoryBytesMax', 'pageMemoryBytesMax'] as const) checkBytes(name, options[name]);
  checkLimits(options);
}

export function isTime(timeNs: unknown): boolean {
  return typeof timeNs === 'bigint' && timeNs >= 0n && timeNs <= timeNsMax;
}

function checkBytes(name: string, bytes: number | undefined): void {
  if (bytes === undefined || (Number.isFinite(bytes) && bytes >= 0)) return;
  throw badOption(name, `cannot be ${bytes}`, 'Give a number of bytes.');
}

function checkLimits({ instructionLimits }: ReplicaOptions): void {
  for (const [name, limit] of Object.entries(instructionLimits ?? {})) {
    if (!(name in defaultLimits)) {
      throw badOption(
        `instructionLimits.${name}`,
        'is not a limit',
        `There are ${Object.keys(defaultLimits).join(', ')}.`,
      );
    }
    if (typeof limit !== 'bigint' || limit <= 0n) {
      throw badOption(
        `instructionLimits.${name}`,
        `cannot be ${limit}`,
        'Give a number of instructions above 0 as a bigint.',
      );
    }
  }
}

function badOption(name: string, problem: string, nextStep: string): ReplicaError {
  return new ReplicaError('input', 'badOption', `The option ${name} ${problem}.`, nextStep);
}
