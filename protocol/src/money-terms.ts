// The money terms of a registry: which ledgers are in use, and where cycles are bought. A machine is born with them, and takes them
// over anew when its operator wants it.
import { IDL } from '@dfinity/candid';
import { bytesToHexQuickly } from '@tamc/base/utf8';
import { type CandidValue, caseOf, fieldOf, isKind, readCandid } from './candid-reader.ts';
import { type ComputeSource, ComputeSourceOfMachineType } from './compute.ts';
import type { CandidComputeSource, MachineInit } from './identity.ts';
import { type PrincipalHex, principalToHex } from './principal.ts';
import { RefusalType } from './refusal.ts';
import type { LedgerInfo } from './wallet.ts';

export const moneyTermsMethod = 'money_terms';

/** What the machine tells of them: ledgers that it has taken, its source of cycles now, and what it left with the reason. */
export const MoneyTermsTakenType = IDL.Record({
  ledgers: IDL.Vec(IDL.Principal),
  compute: ComputeSourceOfMachineType,
  left: IDL.Vec(RefusalType),
});

export interface MoneyTerms {
  readonly ledgers: readonly LedgerInfo[];
  readonly home: PrincipalHex | null;
  readonly source: ComputeSource;
}

export function candidToMoneyTerms({
  ledgers,
  home_ledger,
  compute,
}: Pick<MachineInit, 'ledgers' | 'home_ledger' | 'compute'>): MoneyTerms {
  const home = principalToHex(home_ledger);
  const told = ledgers.map(({ id, symbol, decimals, fee }) => ({ id: principalToHex(id), symbol, decimals, fee }));
  return { ledgers: told, home, source: toSource(compute, home) };
}

/** A desk is paid on the home ledger. */
function toSource(given: CandidComputeSource, home: PrincipalHex): ComputeSource {
  if ('simulated_desk' in given) {
    return { kind: 'simulatedDesk', desk: principalToHex(given.simulated_desk.desk), ledger: home };
  }
  if ('minting_canister' in given) {
    const { cmc, icp_ledger } = given.minting_canister;
    return { kind: 'mintingCanister', cmc: principalToHex(cmc), ledger: principalToHex(icp_ledger) };
  }
  return { kind: 'none' };
}

/** Sixteen ledgers take some two kilobytes. */
const answerBytesMax = 16_384;

/** Null: the answer is something else. */
export function readMoneyTerms(bytes: Uint8Array): MoneyTerms | null {
  const read = readCandid(bytes, answerBytesMax);
  const [told] = read.ok ? read.value : [];
  const list = fieldOf(told, 'ledgers');
  if (!isKind(list, 'list')) return null;
  const ledgers = list.items.flatMap((item) => readLedger(item) ?? []);
  const home = readPrincipal(fieldOf(told, 'home_ledger'));
  const source = readSource(fieldOf(told, 'compute'), home);
  return source === null || ledgers.length < list.items.length ? null : { ledgers, home, source };
}

function readLedger(item: CandidValue): LedgerInfo | null {
  const id = readPrincipal(fieldOf(item, 'id'));
  const [symbol, decimals, fee] = [fieldOf(item, 'symbol'), fieldOf(item, 'decimals'), fieldOf(item, 'fee')];
  if (id === null || typeof symbol !== 'string' || typeof decimals !== 'bigint' || typeof fee !== 'bigint') return null;
  return { id, symbol, decimals: Number(decimals), fee };
}

function readSource(told: CandidValue, home: PrincipalHex | null): ComputeSource | null {
  if (caseOf(told, 'none') !== undefined) return { kind: 'none' };
  const desk = readPrincipal(fieldOf(caseOf(told, 'simulated_desk'), 'desk'));
  if (desk !== null && home !== null) return { kind: 'simulatedDesk', desk, ledger: home };
  const minting = caseOf(told, 'minting_canister');
  const [cmc, ledger] = [readPrincipal(fieldOf(minting, 'cmc')), readPrincipal(fieldOf(minting, 'icp_ledger'))];
  return cmc === null || ledger === null ? null : { kind: 'mintingCanister', cmc, ledger };
}

function readPrincipal(value: CandidValue): PrincipalHex | null {
  return isKind(value, 'principal') ? (bytesToHexQuickly(value.bytes) as PrincipalHex) : null;
}
