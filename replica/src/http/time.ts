// /_/time: tells the replica's time, and turns it where it is virtual. Parsing is strict, every number has a limit, and
// nothing is moved before the whole request is known to be good.
import { parseText } from '@tamc/base/bytes';
import { ok, type Result, refuse } from '@tamc/base/result';
import type { Core, TimePort } from './core.ts';
import { badRequest, createJsonResponse, type HttpResponse, refusalToResponse } from './response.ts';

/** The longest request that makes sense has about 70. */
const bodyByteCountMax = 1024;
/** Canisters see 64 bits (until 2554). Half of it leaves room for deadlines and for the rounds to come. */
const timeNsMax = 2n ** 63n - 1n;
/** A round may take a second: more of them would outlast the connection. Whoever needs more asks again. */
const ticksMax = 100;

const fieldNames: readonly string[] = ['setNs', 'advanceNs', 'ticks'];
const form = 'Send {"setNs":"…"} or {"advanceNs":"…"} (nanoseconds as a string of digits), {"ticks":N}, or both.';

/** Where to go, and how many rounds to make there. */
interface Turn {
  readonly timeNs: bigint | null;
  readonly ticks: number;
}

export function answerTime({ nowNs, time }: Core): HttpResponse {
  const timeNs = time === undefined ? nowNs() : time.nowNs();
  return createJsonResponse({ timeNs: String(timeNs), virtual: time?.isVirtual() === true });
}

export async function answerTurnTime(core: Core, body: Uint8Array): Promise<HttpResponse> {
  const { time } = core;
  if (time === undefined || !time.isVirtual()) return refuseTurn(timeIsReal);
  const turn = parseTurn(body, time.nowNs());
  if (!turn.ok) return refuseTurn(turn.error);
  await applyTurn(time, turn.value);
  return answerTime(core);
}

const timeIsReal =
  'This replica follows the clock of the machine: wait instead, or start one with --virtual-time (virtualTime: true).';

function refuseTurn(text: string): HttpResponse {
  return refusalToResponse(badRequest(text));
}

async function applyTurn(time: TimePort, { timeNs, ticks }: Turn): Promise<void> {
  if (timeNs !== null) time.setNs(timeNs);
  for (let i = 0; i < ticks; i++) await time.tick();
}

function parseTurn(body: Uint8Array, nowNs: bigint): Result<Turn, string> {
  const fields = parseFields(body);
  if (!fields.ok) return fields;
  const { setNs, advanceNs, ticks } = fields.value;
  if (setNs !== undefined && advanceNs !== undefined) return refuse('Give setNs or advanceNs, not both.');
  const timeNs = parseTarget(setNs, advanceNs, nowNs);
  if (!timeNs.ok) return timeNs;
  // Timers that are due then should run without being asked for.
  const count = ticks === undefined ? 1 : parseTicks(ticks);
  if (count === null) return refuse(`ticks must be a whole number from 0 to ${ticksMax}.`);
  return ok({ timeNs: timeNs.value, ticks: count });
}

interface Fields {
  readonly setNs?: unknown;
  readonly advanceNs?: unknown;
  readonly ticks?: unknown;
}

function parseFields(body: Uint8Array): Result<Fields, string> {
  if (body.length > bodyByteCountMax) return refuse(`The body has more than ${bodyByteCountMax} bytes. ${form}`);
  const fields = parseJSON(parseText(body));
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) {
    return refuse(`The body is not a JSON object. ${form}`);
  }
  const names = Object.keys(fields);
  const unknown = names.find((name) => !fieldNames.includes(name));
  if (unknown !== undefined) return refuse(`There is no field ${JSON.stringify(unknown.slice(0, 40))}. ${form}`);
  return names.length === 0 ? refuse(`There is nothing to do. ${form}`) : ok(fields);
}

function parseJSON(text: string | null): unknown {
  try {
    return text === null ? null : JSON.parse(text);
  } catch {
    return null;
  }
}

function parseTarget(setNs: unknown, advanceNs: unknown, nowNs: bigint): Result<bigint | null, string> {
  if (setNs === undefined && advanceNs === undefined) return ok(null);
  const name = setNs === undefined ? 'advanceNs' : 'setNs';
  const digits = parseDigits(setNs ?? advanceNs);
  if (digits === null)
    return refuse(`${name} must be nanoseconds as a string of at most 19 digits, like "60000000000".`);
  const timeNs = setNs === undefined ? nowNs + digits : digits;
  if (timeNs < nowNs) return refuse(`Time cannot go back from ${nowNs} to ${timeNs}: give a later time.`);
  return timeNs > timeNsMax ? refuse(`Time ends at ${timeNsMax} here: give an earlier time.`) : ok(timeNs);
}

/** As many digits as the last time has; no sign, no spaces, no leading zeros. */
function parseDigits(value: unknown): bigint | null {
  return typeof value === 'string' && /^(?:0|[1-9]\d{0,18})$/.test(value) ? BigInt(value) : null;
}

function parseTicks(value: unknown): number | null {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= ticksMax ? value : null;
}
