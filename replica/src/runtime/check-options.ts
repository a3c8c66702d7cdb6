// Options as people write them: each mistake is told before anything is opened, and what is used later is what was checked.
import { parsePrincipalText } from '../codec/principal.ts';
import { defaultServerLimits, type ServerLimits } from '../http/limits.ts';
import type { ServerOptions } from '../http/server.ts';
import type { ReplicaOptions } from '../replica.ts';
import type { InstructionLimits } from '../state/world.ts';
import {
  isBigInt,
  isBoolean,
  isFunction,
  isListOf,
  isOneOf,
  isRecord,
  isText,
  isWhole,
  mistake,
  type Place,
  parseFields,
  renderValue,
  type Shape,
  type Shapes,
} from './shape.ts';

/** Times beyond do not fit the 64 bits in which canisters see them. */
const timeNsMax = 2n ** 63n - 1n;
export const isTime = isBigInt(0n, timeNsMax, 'nanoseconds since 1970 as a bigint');

/** Two days of executing; canisters see sums of such numbers in 64 bits. */
const instructionsMax = 10n ** 15n;
const isInstructions = isBigInt(
  1n,
  instructionsMax,
  `a number of instructions from 1 to ${instructionsMax} as a bigint`,
);
const isByteCount = isWhole(0, Number.MAX_SAFE_INTEGER, 'a whole number of bytes');
const isPrincipalText = (value: unknown) => typeof value === 'string' && parsePrincipalText(value) !== null;
/** What Linux takes at most, which is more than others do. */
const pathLengthMax = 4096;
export const isPath: Shape = {
  wanted: `the path of a folder with at most ${pathLengthMax} characters, or leave it out to keep nothing`,
  fits: (value) => typeof value === 'string' && value !== '' && value.length <= pathLengthMax && !value.includes('\0'),
};
const isOptionObject: Shape = { wanted: 'an object', fits: isRecord };

const replicaShapes: { readonly [Name in keyof Required<ReplicaOptions>]: Shape } = {
  store: isPath,
  memory: isBoolean,
  virtualTime: { wanted: 'true, false or { startNs }', fits: (value) => typeof value === 'boolean' || isRecord(value) },
  hotMemoryBytesMax: isByteCount,
  pageMemoryBytesMax: isByteCount,
  checkpointInstructions: isInstructions,
  retainInputs: isBoolean,
  onProgress: isFunction,
  log: isFunction,
  onFailure: isFunction,
  seed: isText,
  subnetType: isOneOf('application', 'system'),
  nodeCount: isWhole(1, 1_000),
  costSchedule: isOneOf('normal', 'free'),
  subnetAdmins: isListOf(isPrincipalText, 'a list of principals in text form'),
  instructionLimits: isOptionObject,
};
const limitShapes: { readonly [Name in keyof InstructionLimits]: Shape } = {
  update: isInstructions,
  query: isInstructions,
  install: isInstructions,
  inspect: isInstructions,
  queryGraph: isInstructions,
  round: isInstructions,
};

export function parseReplicaOptions(options: unknown): ReplicaOptions {
  const given: ReplicaOptions = parseOptions('createReplica', options, replicaShapes);
  const { virtualTime, instructionLimits } = given;
  return {
    ...given,
    ...(isRecord(virtualTime) ? { virtualTime: parseStart(virtualTime) } : {}),
    ...(isRecord(instructionLimits) ? { instructionLimits: parseLimits(instructionLimits) } : {}),
  };
}

function parseLimits(limits: object): Partial<InstructionLimits> {
  return parseNested('instructionLimits.', limits, limitShapes);
}

function parseStart(virtualTime: object): { startNs: bigint } {
  const { startNs }: { startNs?: bigint } = parseNested('virtualTime.', virtualTime, { startNs: isTime });
  if (startNs !== undefined) return { startNs };
  throw mistake(optionsAt('virtualTime.'), 'startNs', 'is missing', `Give ${isTime.wanted}.`);
}

/** Node's timers cannot wait longer. */
const isTimeoutMs = isWhole(1, 2 ** 31 - 1, 'a whole number of milliseconds from 1 to 2147483647');
const isCount = isWhole(1, Number.MAX_SAFE_INTEGER, 'a whole number above 0');
const isHosts = isListOf((value) => typeof value === 'string', '"any" or a list of host names');
const serverShapes: { readonly [Name in keyof Required<ServerOptions>]: Shape } = {
  port: isWhole(0, 65_535, 'a whole number from 0 (any free port) to 65535'),
  address: { wanted: 'an address of this machine, like 127.0.0.1', fits: isPath.fits },
  allowedHosts: { wanted: isHosts.wanted, fits: (value) => value === 'any' || isHosts.fits(value) },
  limits: isOptionObject,
};
const serverLimitShapes: { readonly [Name in keyof ServerLimits]: Shape } = {
  connectionCountMax: isCount,
  bufferedByteCountMax: isCount,
  headersTimeoutMs: isTimeoutMs,
  requestTimeoutMs: isTimeoutMs,
  idleTimeoutMs: isTimeoutMs,
  keepAliveTimeoutMs: isTimeoutMs,
  closeGraceMs: isTimeoutMs,
};

export function parseServerOptions(options: unknown): ServerOptions {
  const given: ServerOptions = parseOptions('listen', options, serverShapes);
  if (!isRecord(given.limits)) return given;
  const limits: Partial<ServerLimits> = parseNested('limits.', given.limits, serverLimitShapes);
  const { headersTimeoutMs, requestTimeoutMs } = { ...defaultServerLimits, ...limits };
  if (headersTimeoutMs <= requestTimeoutMs) return { ...given, limits };
  const problem = `cannot be ${headersTimeoutMs}, because the whole request has ${requestTimeoutMs}`;
  throw mistake(
    optionsAt('limits.'),
    'headersTimeoutMs',
    problem,
    'Give the header no more time than the whole request.',
  );
}

function optionsAt(prefix: string): Place {
  return { kind: 'option', prefix };
}

function parseNested<Fields extends object>(prefix: string, value: object, shapes: Shapes): Fields {
  return parseFields(optionsAt(prefix), value, shapes);
}

function parseOptions<Fields extends object>(of: string, options: unknown, shapes: Shapes): Partial<Fields> {
  if (options === undefined) return {};
  if (isRecord(options)) return parseFields<Partial<Fields>>(optionsAt(''), options, shapes);
  const problem = `cannot be ${renderValue(options)}`;
  throw mistake(optionsAt(''), `object of ${of}`, problem, `Give an object, like ${of}({ … }), or nothing.`);
}
