// Pulls the events of a canister of ours from a cursor on, and proves them: the chain of hashes from the cursor to the newest
// event, and that one by the network's certificate. Nobody in between can leave out, change or reorder an event.
import { IDL } from '@dfinity/candid';
import { type Codec, parse } from '@tamc/base/codec';
import { ok, type Result, refuse } from '@tamc/base/result';
import {
  type CandidEvents,
  candidToEventsPage,
  type Enveloped,
  type EventCursor,
  type EventsPage,
  EventsType,
  type EventTip,
  envelopedCodec,
  followEvents,
  isAtTip,
  lastEventHashLabel,
  lastEventIndexLabel,
  parseEventTip,
} from '@tamc/protocol/events';
import type { PrincipalHex } from '@tamc/protocol/principal';
import { type CallError, outsideType } from './call-error.ts';
import { checkLeaves } from './certified-leaves.ts';
import type { Connection, Method } from './connection.ts';

export interface PulledEvents<Event> {
  readonly events: readonly Enveloped<Event>[];
  /** Where to go on. Keep it where it outlives the process, and nothing is read twice or missed. */
  readonly cursor: EventCursor;
  /**
   * Everything up to the cursor is what the network certified; false when there is more to pull first. Nobody should act on
   * events before they are proven.
   */
  readonly isProven: boolean;
}

const method: Method = {
  name: 'events',
  type: IDL.Func([IDL.Nat, IDL.Nat32], [EventsType], ['query']),
  isRepeatable: true,
};

/** One page of at most `limit` events. */
export async function pullEvents<Event>(
  connection: Connection,
  canister: PrincipalHex,
  codec: Codec<Event>,
  cursor: EventCursor,
  limit = 100,
): Promise<Result<PulledEvents<Event>, CallError>> {
  if (!Number.isSafeInteger(cursor.next)) return refuse(outsideType(`the cursor is at event ${cursor.next}`));
  const answer = await connection.call(canister, method, [BigInt(cursor.next), limit]);
  if (!answer.ok) return answer;
  // The method's type has shaped it.
  const candid = answer.value[0] as CandidEvents;
  const page = candidToEventsPage(candid);
  const followed = followEvents(cursor, page);
  if (!followed.ok) return refuse(problemToError(followed.error));
  const tip = await certifiedTip(connection, canister, candid);
  if (!tip.ok) return tip;
  const isProven = tip.value === null ? followed.value.next === 0 : isAtTip(followed.value, tip.value);
  if (followed.value.next === page.next && !isProven)
    return refuse(untrusted('the events are not those that are certified'));
  // Read last: bytes that somebody changed are a lie, not an event of a newer canister.
  const events = readAll(envelopedCodec(codec), page);
  return events.ok ? ok({ events: events.value, cursor: followed.value, isProven }) : events;
}

/** Where the log ends now, as the network certified it: for whoever wants only what comes. */
export async function readEventsEnd(
  connection: Connection,
  canister: PrincipalHex,
): Promise<Result<EventCursor, CallError>> {
  const answer = await connection.call(canister, method, [BigInt(Number.MAX_SAFE_INTEGER), 0]);
  if (!answer.ok) return answer;
  // The method's type has shaped it.
  const candid = answer.value[0] as CandidEvents;
  const { next, previousHash: hash } = candidToEventsPage(candid);
  const tip = await certifiedTip(connection, canister, candid);
  if (!tip.ok) return tip;
  const isProven = tip.value === null ? next === 0 : isAtTip({ next, hash }, tip.value);
  return isProven ? ok({ next, hash }) : refuse(untrusted('the end of the log is not the one that is certified'));
}

/** A whole log of ours has at most some ten thousand events; an answer that never ends at the certified tip is a lie. */
const pagesMax = 1_000;

/** All events up to the newest, page after page, given only when they are proven. */
export async function pullProvenEvents<Event>(
  connection: Connection,
  canister: PrincipalHex,
  codec: Codec<Event>,
  cursor: EventCursor,
): Promise<Result<Omit<PulledEvents<Event>, 'isProven'>, CallError>> {
  const events: Enveloped<Event>[] = [];
  let from = cursor;
  for (let pages = 0; pages < pagesMax; pages++) {
    const page = await pullEvents(connection, canister, codec, from);
    if (!page.ok) return page;
    events.push(...page.value.events);
    if (page.value.isProven) return ok({ events, cursor: page.value.cursor });
    if (page.value.cursor.next === from.next) break;
    from = page.value.cursor;
  }
  return refuse(untrusted('the events never came to the one that is certified'));
}

function readAll<Event>(
  codec: Codec<Enveloped<Event>>,
  page: EventsPage,
): Result<readonly Enveloped<Event>[], CallError> {
  const events: Enveloped<Event>[] = [];
  for (const bytes of page.events) {
    const event = parse(codec, bytes);
    if (!event.ok) return refuse(newer(`event ${page.first + events.length} cannot be read: ${event.error}`));
    events.push(event.value);
  }
  return ok(events);
}

/** Null when the log is empty. */
async function certifiedTip(
  { agent }: Connection,
  canister: PrincipalHex,
  { certificate: [certificate], witness }: CandidEvents,
): Promise<Result<EventTip | null, CallError>> {
  if (certificate === undefined) return refuse(untrusted('the answer carries no certificate'));
  const proof = { certificate: Uint8Array.from(certificate), witness: Uint8Array.from(witness) };
  const leaves = await checkLeaves(agent, canister, proof, [lastEventIndexLabel, lastEventHashLabel]);
  if (!leaves.ok) return refuse(untrusted(leaves.error));
  const [index = null, hash = null] = leaves.value;
  if (index === null && hash === null) return ok(null);
  const tip = index === null || hash === null ? null : parseEventTip(index, hash);
  return tip === null ? refuse(untrusted('the certified tip is malformed')) : ok(tip);
}

function problemToError(problem: Extract<ReturnType<typeof followEvents>, { ok: false }>['error']): CallError {
  if (problem.kind === 'broken') return untrusted(problem.message);
  return {
    kind: 'state',
    code: 'EventsDropped',
    message: `Event ${problem.wanted} is no longer kept; the oldest kept one is ${problem.first}.`,
    nextStep: 'Read the state anew, then go on from the oldest event kept.',
    rejectCode: null,
  };
}

function untrusted(message: string): CallError {
  const nextStep = 'Do not believe this answer. Check which network this is, and its root key.';
  return { kind: 'untrusted', code: 'EventsNotProven', message, nextStep, rejectCode: null };
}

function newer(message: string): CallError {
  const nextStep = 'The canister is probably newer than this program: bring the program up to date.';
  return { kind: 'input', code: 'EventUnreadable', message, nextStep, rejectCode: null };
}
