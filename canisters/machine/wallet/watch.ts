// The machine's own look at what came in. Announcements cost it a call each, so those of strangers are few an hour; while these are used
// up, or strangers order in vain, it looks by itself at the newest blocks, once in a while and at one ledger after the other. One look
// serves everybody, however many others crowd: money that came in is booked, and who allowed the machine to pull may order once.
import { type BlocksAnswer, isBlock, type LedgerBlock, readBlocksAnswer } from '@tamc/protocol/ledger-answers';
import type { PrincipalHex } from '@tamc/protocol/principal';
import { walletLimits } from '@tamc/protocol/wallet';
import type { CallOutcome, Context } from '@tamc/shared/rule';
import { isFrozen } from '../compute/frozen.ts';
import { type Consequences, decided, type MachineDecision } from '../decision.ts';
import type { MachineEvent } from '../events.ts';
import { isQuiet } from '../powers.ts';
import type { MachineTables } from '../state.ts';
import { knownLedger } from './books.ts';
import { foundEvents } from './judge.ts';
import { lastOf } from './search.ts';
import { blocksCall } from './transfers.ts';
import { watchedOf } from './watched.ts';

export const watchOutcomes = { watch: onWatchOutcome, watchTip: onWatchTipOutcome };

const pageBlocks = walletLimits.searchBlocks;

/** Looked at with every message, so one small cell tells that there is nothing to do. */
export function nextWatchNs(tables: MachineTables): bigint | null {
  const { untilNs, askedNs } = tables.watch.get();
  const nextNs = askedNs + walletLimits.watchPauseNs;
  if (nextNs >= untilNs || nextLedger(tables) === null) return null;
  // Nobody orders from one that is frozen, and it saves what it has for what it owes.
  return isFrozen(tables) ? null : nextNs;
}

/** The one that was asked longest ago, of those that have answered. */
function nextLedger(tables: MachineTables): PrincipalHex | null {
  const all = tables.ledgers.get().map(({ id }) => watchedOf(tables, id));
  const free = all.filter(({ isOpen }) => !isOpen);
  if (free.length === 0) return null;
  return free.reduce((first, other) => (other.askedNs < first.askedNs ? other : first)).ledger;
}

export function noticeWatch(tables: MachineTables, { nowNs }: Context): MachineDecision<null> {
  const dueNs = nextWatchNs(tables);
  if (dueNs === null || nowNs < dueNs || isQuiet(tables, nowNs)) return decided(null);
  const ledger = nextLedger(tables)!;
  const call = blocksCall(`watch/${ledger}`, ledger, placeOf(tables, ledger), pageBlocks);
  return decided(null, [{ kind: 'WatchAsked', ledger }], [call]);
}

function placeOf(tables: MachineTables, ledger: PrincipalHex): bigint {
  return watchedOf(tables, ledger).next ?? (tables.tips.get(ledger) ?? -1n) + 1n;
}

export function onWatchOutcome(
  tables: MachineTables,
  context: Context,
  id: string,
  outcome: CallOutcome,
): MachineDecision<null> {
  return ofWatched(tables, id, outcome, (ledger, { blocks, logLength }) => {
    const next = lastOf(blocks, placeOf(tables, ledger));
    const events = eventsOf(tables, context, ledger, blocks);
    if (logLength <= next) return { events: [...events, answered(ledger, logLength)], calls: [] };
    // What lies between is skipped: a ledger may be faster than a machine can afford to read.
    const newest = logLength - BigInt(pageBlocks);
    const tip = newest > next ? newest : next;
    const moved: MachineEvent = { kind: 'WatchMoved', ledger, next: tip };
    return { events: [...events, moved], calls: [blocksCall(`watchTip/${ledger}`, ledger, tip, pageBlocks)] };
  });
}

/** Only what was read is behind it: the next look goes on from there. */
export function onWatchTipOutcome(
  tables: MachineTables,
  context: Context,
  id: string,
  outcome: CallOutcome,
): MachineDecision<null> {
  return ofWatched(tables, id, outcome, (ledger, { blocks }) => {
    const next = lastOf(blocks, placeOf(tables, ledger));
    return { events: [...eventsOf(tables, context, ledger, blocks), answered(ledger, next)], calls: [] };
  });
}

function ofWatched(
  tables: MachineTables,
  id: string,
  outcome: CallOutcome,
  follow: (ledger: PrincipalHex, answer: BlocksAnswer) => Consequences,
): MachineDecision<null> {
  const ledger = id.slice(id.indexOf('/') + 1) as PrincipalHex;
  if (!watchedOf(tables, ledger).isOpen) return decided(null);
  const answer = outcome.kind === 'replied' ? readBlocksAnswer(outcome.bytes) : null;
  if (answer === null || !isBlock(answer.logLength)) return decided(null, [answered(ledger, null)]);
  const { events, calls } = follow(ledger, answer);
  return decided(null, events, calls);
}

function answered(ledger: PrincipalHex, next: bigint | null): MachineEvent {
  return { kind: 'WatchAnswered', ledger, next };
}

/** Each block once, however often a ledger names it. */
function eventsOf(
  tables: MachineTables,
  context: Context,
  ledger: PrincipalHex,
  blocks: readonly LedgerBlock[],
): readonly MachineEvent[] {
  const each = new Map(blocks.slice(0, pageBlocks).map((block) => [block.index, block]));
  return [...each.values()].flatMap((block) => [
    ...foundEvents(tables, context, ledger, block),
    ...allowedEvents(tables, context, ledger, block),
  ]);
}

/** On the ledger on which orders are paid: where allowing costs nothing, or next to nothing, it proves nothing. */
function allowedEvents(
  tables: MachineTables,
  { self }: Context,
  ledger: PrincipalHex,
  { kind, from, spender, index }: LedgerBlock,
): readonly MachineEvent[] {
  if (kind !== 'approve' || from === null || spender?.owner !== self) return [];
  const isStranger = tables.customers.get(from.owner) === null;
  const tariff = tables.tariffNow.get();
  const isPaid =
    tariff !== null && tables.tariffs.get(tariff)!.ledger === ledger && knownLedger(tables, ledger).fee > 0n;
  return isStranger && isPaid ? [{ kind: 'PullAllowed', customer: from.owner, ledger, block: index }] : [];
}
