// What a deployment brings to a network: money, cycles, and who may have machines born. Defaults by the kind of network; a file
// (`--config`) changes them. Amounts are text, because JSON has no big integers.
import { ok, type Result, refuse } from '@tamc/base/result';
import { type PrincipalHex, parsePrincipal } from '@tamc/protocol/principal';
import { configurationFault } from './configuration-limits.ts';
import type { Network } from './networks.ts';

/** What the registry calls it: an engine is a Cloud Engine, whose canisters have no cycles and reach only each other. */
export type NetworkKind = Network['kind'] | 'engine';

export interface OwnLedger {
  readonly tokenName: string;
  readonly symbol: string;
  readonly decimals: number;
  readonly fee: bigint;
}

export interface Configuration {
  readonly kind: NetworkKind;
  /** Fields that a file names: they hold also where canisters are there already. The others only say how canisters begin. */
  readonly named: readonly string[];
  /** A ledger of ours, where the network has no money that machines could use. */
  readonly ownLedger: OwnLedger | null;
  /** Ledgers that are there already; the first is the home ledger when there is none of our own. */
  readonly foreignLedgers: readonly PrincipalHex[];
  /** Given to each canister that the deployment creates. */
  readonly canisterCycles: bigint;
  readonly registryCycles: bigint;
  /** Given to each machine at its birth. */
  readonly birthCycles: bigint;
  /** How many machines anybody may have born; 0: only operators that the governor allows. */
  readonly birthsPerCaller: number;
  /** Cycles that the simulated desk gives for one minor unit of our own ledger. */
  readonly cyclesPerUnit: bigint;
}

const trillion = 1_000_000_000_000n;
/** ckUSDC on the main network. */
const ckUsdc = 'xevnm-gaaaa-aaaar-qafnq-cai';

/** Named as what it is: money that nobody stands behind. */
const simulatedDollar: OwnLedger = {
  tokenName: 'Simulated US Dollar',
  symbol: 'simUSD',
  decimals: 6,
  // A hundredth of a cent: small enough for payments of cents.
  fee: 100n,
};

const forDevelopment = {
  named: [],
  ownLedger: simulatedDollar,
  foreignLedgers: [],
  canisterCycles: 10n * trillion,
  registryCycles: 10_000n * trillion,
  birthCycles: 3n * trillion,
  birthsPerCaller: 1_000,
  // About what cycles cost on the main network: a trillion for 1.4 dollars.
  cyclesPerUnit: 700_000n,
};

export function defaultConfiguration(kind: NetworkKind): Configuration {
  if (kind === 'embedded' || kind === 'local') return { kind, ...forDevelopment };
  if (kind === 'engine') {
    const none = { canisterCycles: 0n, registryCycles: 0n, birthCycles: 0n, birthsPerCaller: 0 };
    return { kind, ...forDevelopment, ...none };
  }
  return {
    ...forDevelopment,
    kind,
    ownLedger: null,
    foreignLedgers: [parsePrincipal(ckUsdc)!],
    canisterCycles: 2n * trillion,
    registryCycles: 10n * trillion,
    birthCycles: 2n * trillion,
    birthsPerCaller: 0,
  };
}

/** What a file says, field by field, as it is written there. */
export type Fields = Readonly<Record<string, unknown>>;

export function parseFields(text: string): Result<Fields, string> {
  const given = parseObject(text);
  return given === null ? refuse('it is not a JSON object') : ok(given);
}

/**
 * Changes the defaults by a file, over what the network was deployed with before (`kept`); refuses what it does not know, so that a
 * misspelt name is not silently left out.
 */
export function createConfiguration(
  given: Fields,
  networkKind: Network['kind'],
  kept: Fields = {},
): Result<Configuration, string> {
  const { engine = false, ...fields } = { ...kept, ...given };
  if (typeof engine !== 'boolean') return refuse('its field "engine" is not true or false');
  const unknown = Object.keys(fields).find((name) => !Object.hasOwn(readers, name));
  if (unknown !== undefined)
    return refuse(`it has a field "${unknown}"; known ones are engine, ${Object.keys(readers).join(', ')}`);
  const named = Object.keys(given).filter((name) => name !== 'engine');
  let configuration: Configuration = { ...defaultConfiguration(engine ? 'engine' : networkKind), named };
  for (const [name, value] of Object.entries(fields)) {
    const changed = readers[name]!(value);
    if (changed === null) return refuse(`its field "${name}" is not ${forms[name]}`);
    configuration = { ...configuration, ...changed };
  }
  const fault = configurationFault(configuration);
  return fault === null ? ok(configuration) : refuse(fault);
}

export function parseConfiguration(text: string, networkKind: Network['kind']): Result<Configuration, string> {
  const fields = parseFields(text);
  return fields.ok ? createConfiguration(fields.value, networkKind) : fields;
}

type Reader = (value: unknown) => Partial<Configuration> | null;

const amountReader =
  (name: 'canisterCycles' | 'registryCycles' | 'birthCycles' | 'cyclesPerUnit'): Reader =>
  (value) => {
    const amount = parseAmount(value);
    return amount === null ? null : { [name]: amount };
  };

const readers: Readonly<Record<string, Reader>> = {
  ownLedger: (value) => {
    if (value === null) return { ownLedger: null };
    const ledger = parseOwnLedger(value);
    return ledger === null ? null : { ownLedger: ledger };
  },
  foreignLedgers: (value) => {
    if (!Array.isArray(value)) return null;
    const ids = value.map((item) => (typeof item === 'string' ? parsePrincipal(item) : null));
    return ids.includes(null) ? null : { foreignLedgers: ids.flatMap((id) => id ?? []) };
  },
  canisterCycles: amountReader('canisterCycles'),
  registryCycles: amountReader('registryCycles'),
  birthCycles: amountReader('birthCycles'),
  cyclesPerUnit: amountReader('cyclesPerUnit'),
  birthsPerCaller: (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= 0 ? { birthsPerCaller: value } : null,
};

const amountForm = 'a whole number as text, like "3000000000000"';
const forms: Readonly<Record<string, string>> = {
  ownLedger: 'null or { "tokenName": text, "symbol": text, "decimals": number, "fee": text }',
  foreignLedgers: 'a list of canister ids as text',
  canisterCycles: amountForm,
  registryCycles: amountForm,
  birthCycles: amountForm,
  cyclesPerUnit: amountForm,
  birthsPerCaller: 'a whole number',
};

function parseOwnLedger(value: unknown): OwnLedger | null {
  if (typeof value !== 'object' || value === null) return null;
  const { tokenName, symbol, decimals, fee, ...others } = value as Record<string, unknown>;
  const amount = parseAmount(fee);
  if (typeof tokenName !== 'string' || typeof symbol !== 'string' || typeof decimals !== 'number') return null;
  return amount === null || Object.keys(others).length > 0 ? null : { tokenName, symbol, decimals, fee: amount };
}

function parseAmount(value: unknown): bigint | null {
  return typeof value === 'string' && /^\d{1,40}$/.test(value) ? BigInt(value) : null;
}

function parseObject(text: string): Fields | null {
  try {
    return toFields(JSON.parse(text));
  } catch {
    return null;
  }
}

/** Null for what is no object of JSON. */
export function toFields(value: unknown): Fields | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null;
}
