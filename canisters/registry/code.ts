// Approved modules. The governor names a module by its hash; it counts only when all its chunks lie in the registry's own store,
// because a birth or an upgrade in the middle of which a chunk is missing would be stuck.
import { assert } from '@tamc/base/assert';
import { refuse } from '@tamc/base/result';
import { findCandidProblems, renderCandidProblem } from '@tamc/protocol/candid-subtype';
import { type CandidFunction, type CandidText, parseCandid } from '@tamc/protocol/candid-text';
import { MachineInitType } from '@tamc/protocol/identity';
import { isPrintableLine, printableLineWanted } from '@tamc/protocol/printable';
import { type CandidRefusal, type Refusal, refusalToCandid } from '@tamc/protocol/refusal';
import { type Code, registryLimits } from '@tamc/protocol/registry';
import { registryNo as no } from '@tamc/protocol/registry-refusals';
import type { CallOutcome, Context } from '@tamc/shared/rule';
import { parseLayout } from '@tamc/shared/tables/layout-text';
import { decided, governorFault, type RegistryDecision } from './decision.ts';
import { answerToChunks, canisterCall } from './management.ts';
import type { RegistryTables } from './state.ts';

export interface CodeArgs {
  readonly codeKind: string;
  readonly version: string;
  readonly moduleHash: string;
  readonly chunkHashes: readonly string[];
  readonly candid: string;
  readonly layout: string;
}

const hashPattern = /^[0-9a-f]{64}$/;
const kindPattern = /^[a-z][a-z0-9-]*$/;

/** Replies the module's hash. What was refused for its chunks, or has retired, may be proposed again. */
export function approveCode(tables: RegistryTables, context: Context, code: CodeArgs): RegistryDecision<string> {
  const fault = governorFault(tables, context) ?? formFault(code) ?? textFault(code) ?? knownFault(tables, code);
  if (fault !== null) return refuse(fault);
  const calls = (tables.codes.get(code.moduleHash)?.calls ?? 0) + 1;
  const call = canisterCall(`code/${code.moduleHash}/${calls}`, 'stored_chunks', context.self);
  return decided(code.moduleHash, [{ kind: 'CodeProposed', ...code }], [call]);
}

export function takeCodeOutcome(
  tables: RegistryTables,
  _context: Context,
  id: string,
  outcome: CallOutcome,
): RegistryDecision<null> {
  const [, moduleHash = '', calls] = id.split('/');
  const code = tables.codes.get(moduleHash);
  if (code?.standing !== 'checking' || code.calls !== Number(calls)) return decided(null, []);
  const problem = chunkProblem(code, outcome);
  return decided(null, [
    problem === null ? { kind: 'CodeApproved', moduleHash } : { kind: 'CodeRefused', moduleHash, problem },
  ]);
}

export function retireCode(
  tables: RegistryTables,
  context: Context,
  { moduleHash }: { readonly moduleHash: string },
): RegistryDecision<null> {
  const fault = governorFault(tables, context);
  if (fault !== null) return refuse(fault);
  if (tables.codes.get(moduleHash)?.standing !== 'approved') return refuse(no('CodeUnknown', { hash: moduleHash }));
  return decided(null, [{ kind: 'CodeRetired', moduleHash }]);
}

/** The newest one that is approved; their number is limited, so a walk over them is. */
export function newestCode({ codes, codeOrder }: RegistryTables, kind: string): Code | null {
  for (let number = codeOrder.end() - 1; number >= codeOrder.first(); number--) {
    const code = codes.get(codeOrder.get(number)!)!;
    if (code.kind === kind && code.standing === 'approved') return code;
  }
  return null;
}

export function approvedCode({ codes }: RegistryTables, moduleHash: string): Code | null {
  const code = codes.get(moduleHash);
  return code?.standing === 'approved' ? code : null;
}

function formFault({ codeKind, version, moduleHash, chunkHashes, candid, layout }: CodeArgs): Refusal | null {
  const limits = registryLimits;
  const wrong = (field: string, wanted: string) => no('FieldInvalid', { field, wanted });
  if (!kindPattern.test(codeKind) || codeKind.length > limits.codeKindCharsMax)
    return wrong('kind', `1 to ${limits.codeKindCharsMax} lower-case letters, digits or -`);
  if (!isPrintableLine(version, limits.versionCharsMax))
    return wrong('version', printableLineWanted(limits.versionCharsMax));
  if (!hashPattern.test(moduleHash)) return wrong('module_hash', 'the 32 bytes of a SHA-256');
  if (chunkHashes.length < 1 || chunkHashes.length > limits.chunksMax)
    return wrong('chunk_hashes', `1 to ${limits.chunksMax} hashes`);
  if (!chunkHashes.every((hash) => hashPattern.test(hash))) return wrong('chunk_hashes', '32 bytes of a SHA-256 each');
  if (candid.length > limits.candidCharsMax) return wrong('candid', `at most ${limits.candidCharsMax} characters`);
  return layout.length > limits.layoutCharsMax ? wrong('layout', `at most ${limits.layoutCharsMax} characters`) : null;
}

function textFault({ codeKind, candid, layout }: CodeArgs): Refusal | null {
  const parsed = parseCandid(candid);
  if (!parsed.ok) return no('CandidInvalid', { reason: parsed.error });
  const [unborn] = codeKind === machineCodeKind ? birthProblems(parsed.value) : [];
  if (unborn !== undefined) return no('CandidInvalid', { reason: `no machine could be born with it: ${unborn}` });
  const read = parseLayout(layout);
  return read.ok ? null : no('LayoutInvalid', { reason: read.error });
}

/** The only kind that is born here. */
export const machineCodeKind = 'machine';

/** What keeps the module from taking the argument with which this registry installs machines. */
function birthProblems(candid: CandidText): readonly string[] {
  const given = parseCandid(`service : { install : (${MachineInitType.display()}) -> () }`);
  assert(given.ok, 'the type of our own argument is Candid');
  const install: CandidFunction = { inputs: candid.init ?? [], outputs: [], annotations: [] };
  const methods = new Map([['install', { kind: 'func' as const, func: install }]]);
  return findCandidProblems(given.value, { ...candid, methods }).map(renderCandidProblem);
}

function knownFault(tables: RegistryTables, { moduleHash }: CodeArgs): Refusal | null {
  const known = tables.codes.get(moduleHash);
  if (known?.standing === 'checking' || known?.standing === 'approved')
    return no('CodeKnown', { hash: moduleHash, standing: known.standing });
  // What was named wrongly, with its chunks in another order, has to come again.
  const isFull = !isListed(tables, moduleHash) && oldestToForget(tables) === 'none';
  return isFull ? no('TooManyCodes', { limit: registryLimits.codesMax }) : null;
}

/** The order is short, and only what is known is looked for in it. */
export function isListed({ codes, codeOrder }: RegistryTables, moduleHash: string): boolean {
  if (codes.get(moduleHash) === null) return false;
  for (let number = codeOrder.end() - 1; number >= codeOrder.first(); number--)
    if (codeOrder.get(number) === moduleHash) return true;
  return false;
}

/** One that retired makes room at the end of the order. What is known of it stays: machines may still run it. */
export function oldestToForget({ codes, codeOrder }: RegistryTables): 'notNeeded' | 'oldest' | 'none' {
  const [first, end] = [codeOrder.first(), codeOrder.end()];
  if (end - first < registryLimits.codesMax) return 'notNeeded';
  const { standing } = codes.get(codeOrder.get(first)!)!;
  return standing === 'retired' || standing === 'refused' ? 'oldest' : 'none';
}

function chunkProblem({ chunkHashes }: Code, outcome: CallOutcome): string | null {
  if (outcome.kind === 'rejected') return `the chunk store cannot be read: ${outcome.message}`;
  const stored = outcome.kind === 'replied' ? answerToChunks(outcome.bytes) : null;
  if (stored === null) return 'the chunk store cannot be read';
  const missing = chunkHashes.filter((hash) => !stored.has(hash));
  return missing.length === 0
    ? null
    : `${missing.length} of ${chunkHashes.length} chunks are missing, first ${missing[0]}`;
}

/** After the look at the chunk store: the module, or why it was not approved. */
export function codeAnswer<A>(
  { codes }: RegistryTables,
  moduleHash: string,
  render: (code: Code) => A,
): { Ok: A } | { Err: CandidRefusal } {
  const code = codes.get(moduleHash)!;
  if (code.standing !== 'refused') return { Ok: render(code) };
  return { Err: refusalToCandid(no('ChunksMissing', { hash: moduleHash, reason: code.problem ?? '' })) };
}
