// The settings of a canister: defaults, and the argument of create_canister and update_settings checked for range.
// Nothing here looks at a canister or changes one.
import { compareBytes, textToBytes } from '@tamc/base/bytes';
import { ok, type Result, refuse } from '@tamc/base/result';
import type { Infer } from '../codec/candid.ts';
import type { Principal } from '../codec/principal.ts';
import { createReject, type Reject } from '../errors.ts';
import type { CanisterSettings, Visibility } from '../state/canister.ts';
import {
  computeAllocationMax,
  controllersMax,
  environmentNameBytesMax,
  environmentValueBytesMax,
  environmentVariablesMax,
  logMemoryMax,
  logMemoryMin,
  nat64Max,
  nat128Max,
  viewersMax,
  wasmMemoryMax,
} from './limits.ts';
import { invalidSettings } from './refusals.ts';
import type { SettingsArgument, visibility } from './types.ts';

/** Fields that are null stay as they are. */
export type SettingsChange = { readonly [K in keyof CanisterSettings]: CanisterSettings[K] | null } & {
  readonly controllers: Principal[] | null;
};

/** Defaults of the specification. */
export function defaultSettings(): CanisterSettings {
  return {
    computeAllocation: 0n,
    memoryAllocation: 0n,
    freezingThresholdSeconds: 2_592_000n,
    reservedCyclesLimit: 5_000_000_000_000n,
    minimumIncomingCallCycles: 0n,
    wasmMemoryLimit: 0n,
    wasmMemoryThreshold: 0n,
    logVisibility: { kind: 'controllers' },
    snapshotVisibility: { kind: 'controllers' },
    statusVisibility: { kind: 'controllers' },
    logMemoryLimit: logMemoryMin,
    environmentVariables: [],
  };
}

export function parseSettings(argument: SettingsArgument): Result<SettingsChange, Reject> {
  const refusal = refusalOfRange(argument) ?? refusalOfLists(argument) ?? refusalOfEnvironment(argument);
  if (refusal !== null) return refuse(refusal);
  return ok({
    controllers: argument.controllers === null ? null : [...new Set(argument.controllers)],
    computeAllocation: argument.compute_allocation,
    memoryAllocation: argument.memory_allocation,
    freezingThresholdSeconds: argument.freezing_threshold,
    reservedCyclesLimit: argument.reserved_cycles_limit,
    minimumIncomingCallCycles: argument.minimum_incoming_canister_call_cycles,
    wasmMemoryLimit: argument.wasm_memory_limit,
    wasmMemoryThreshold: argument.wasm_memory_threshold,
    logVisibility: parseVisibility(argument.log_visibility),
    snapshotVisibility: parseVisibility(argument.snapshot_visibility),
    statusVisibility: parseVisibility(argument.status_visibility),
    logMemoryLimit: argument.log_memory_limit,
    environmentVariables: parseEnvironment(argument.environment_variables),
  });
}

/** The ranges of specification, create_canister; worded as DFINITY words them. */
const ranges = [
  ['compute_allocation', computeAllocationMax, 'ComputeAllocation expected to be in the range [0..100]'],
  ['memory_allocation', nat64Max, 'MemoryAllocation expected to be in the range [0..18446744073709551615]'],
  ['freezing_threshold', nat64Max, 'Freezing threshold expected to be in the range of [0..2^64-1]'],
  ['reserved_cycles_limit', nat128Max, 'Reserved cycles limit expected to be in the range of [0..2^128-1]'],
  [
    'minimum_incoming_canister_call_cycles',
    nat128Max,
    'Minimum incoming canister call cycles expected to be in the range of [0..2^128-1]',
  ],
  ['wasm_memory_limit', wasmMemoryMax, 'Wasm memory limit expected to be in the range of [0..2^48]'],
  ['wasm_memory_threshold', wasmMemoryMax, 'Wasm memory threshold expected to be in the range of [0..2^48]'],
] as const;

function refusalOfRange(argument: SettingsArgument): Reject | null {
  for (const [field, max, text] of ranges) {
    const value = argument[field];
    if (value !== null && value > max) return createReject('canisterContractViolation', `${text}, got ${value}`);
  }
  return refusalOfLogMemory(argument.log_memory_limit);
}

function refusalOfLogMemory(limit: bigint | null): Reject | null {
  if (limit === null || limit === 0n || (limit >= logMemoryMin && limit <= logMemoryMax)) return null;
  const [word, bound] = limit < logMemoryMin ? ['low', `least ${logMemoryMin}`] : ['high', `most ${logMemoryMax}`];
  return createReject(
    'canisterRejectedMessage',
    `The canister log memory limit ${limit} is too ${word}. It must be at ${bound}.`,
  );
}

function refusalOfLists(argument: SettingsArgument): Reject | null {
  if (argument.controllers !== null && argument.controllers.length > controllersMax) {
    const text = `Invalid settings: 'controllers' length exceeds maximum size allowed of ${controllersMax}.`;
    return invalidSettings(text);
  }
  for (const field of ['log_visibility', 'snapshot_visibility', 'status_visibility'] as const) {
    const value = argument[field];
    if (value?.tag === 'allowed_viewers' && value.value.length > viewersMax) {
      const text = `Invalid settings: 'allowed_viewers' length exceeds maximum size allowed of ${viewersMax}.`;
      return invalidSettings(text);
    }
  }
  return null;
}

function refusalOfEnvironment({ environment_variables: variables }: SettingsArgument): Reject | null {
  if (variables === null) return null;
  const reason = environmentProblem(variables);
  return reason === null ? null : createReject('invalidManagementPayload', reason);
}

function environmentProblem(variables: readonly { readonly name: string; readonly value: string }[]): string | null {
  if (variables.length > environmentVariablesMax) {
    return `Too many environment variables: ${variables.length} (max: ${environmentVariablesMax})`;
  }
  if (new Set(variables.map((variable) => variable.name)).size !== variables.length) {
    return 'Duplicate environment variables are not allowed';
  }
  for (const { name, value } of variables) {
    if (textToBytes(name).length > environmentNameBytesMax) {
      return `Environment variable name "${name}" exceeds the maximum allowed length of ${environmentNameBytesMax}.`;
    }
    if (textToBytes(value).length > environmentValueBytesMax) {
      return `Environment variable value "${value}" exceeds the maximum allowed length of ${environmentValueBytesMax}.`;
    }
  }
  return null;
}

/** In the order of their names, in which canisters number them. */
function parseEnvironment(variables: SettingsArgument['environment_variables']) {
  if (variables === null) return null;
  return variables
    .map(({ name, value }) => ({ name, value }))
    .sort((a, b) => compareBytes(textToBytes(a.name), textToBytes(b.name)));
}

function parseVisibility(value: Infer<typeof visibility> | null): Visibility | null {
  if (value === null) return null;
  if (value.tag === 'allowed_viewers') return { kind: 'allowedViewers', viewers: [...value.value] };
  return { kind: value.tag };
}
