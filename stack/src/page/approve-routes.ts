// Shell (clock, random): answers /approve. The passphrase opens the owner's key for one decision; neither is kept or written anywhere.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Result } from '@tamc/base/result';
import type { CallError, Ed25519KeyIdentity } from '@tamc/client';
import { principalToText } from '@tamc/protocol/principal';
import type { Decided, Decision } from '../approve/decide.ts';
import type { Waiting } from '../approve/waiting.ts';
import type { Status } from '../show/status.ts';
import { type Notice, renderApprovePage } from './approve-page.ts';
import { type Answer, html } from './loopback.ts';
import type { SharedReading } from './shared-reading.ts';
import { createTries } from './tries.ts';

/** What the page needs of the network and its people. */
export interface TownPort {
  readStatus(): Promise<Result<Status, CallError>>;
  unseal(passphrase: string): Promise<Result<Ed25519KeyIdentity, string>>;
  decide(owner: Ed25519KeyIdentity, one: Waiting, decision: Decision): Promise<Result<Decided, CallError>>;
}

/** Of the whole town; one for all who look at the same time. */
export interface StatusReading {
  readonly status: Result<Status, CallError>;
}

export interface ApproveRoutes {
  show(done: string | null): Promise<Answer>;
  take(form: string): Promise<Answer>;
}

/** One is looked at once, right after its decision. */
const noticesMax = 20;

export function createApproveRoutes(
  town: TownPort,
  readings: SharedReading<StatusReading>,
  style: string,
): ApproveRoutes {
  const token = randomBytes(32).toString('hex');
  const tries = createTries(() => Date.now());
  const notices = new Map<string, Notice>();
  /** One decision at a time: who sends many forms at once gets no more tries than who sends them one by one. */
  let last: Promise<unknown> = Promise.resolve();

  const page = async (status: number, notice: Notice | null, reading = readings.ask()): Promise<Answer> => {
    const { status: found } = await reading;
    const shown = found.ok ? notice : (notice ?? bad(`${found.error.message}. ${found.error.nextStep}`));
    const [waiting, hasOwner] = found.ok ? [found.value.waiting, found.value.owner !== null] : [[], true];
    return html(status, renderApprovePage({ waiting, token, style, notice: shown, hasOwner }));
  };

  const notice = bad('This form is not of this start of the page. Nothing was done; look and decide again.');
  /** Whoever knows no form of ours costs the network nothing. */
  const strange = html(403, renderApprovePage({ waiting: null, token, style, notice, hasOwner: true }));

  const decide = async (fields: Fields): Promise<Answer> => {
    const waitMs = tries.waitMs();
    if (waitMs > 0) return await page(429, bad(tooMany(waitMs)));
    const { status: found } = await readings.ask();
    if (!found.ok) return await page(502, null);
    const one = found.value.waiting.find((waiting) => isMeant(waiting, fields));
    if (one === undefined)
      return await page(409, bad('That request no longer waits, or is not what was shown. Nothing was done.'));
    if (one.problem !== null && fields.decision === 'approve') return await page(409, bad(one.text));
    const opened = await town.unseal(fields.passphrase);
    if (!opened.ok) {
      tries.failed();
      return await page(403, bad(`${opened.error} Nothing was changed.`));
    }
    tries.succeeded();
    const decided = await town.decide(opened.value, one, fields.decision);
    readings.forget();
    const key = randomBytes(8).toString('hex');
    notices.set(key, noticeOf(one, decided));
    for (const old of [...notices.keys()].slice(0, -noticesMax)) notices.delete(old);
    // Seen by a GET, so that looking again does not send again.
    return { ...html(303, ''), location: `/approve?done=${key}` };
  };

  return {
    show: (done) => page(200, done === null ? null : (notices.get(done) ?? null), readings.askAnew()),
    take: (form) => {
      const fields = parseForm(form);
      if (fields === null || !isSame(fields.token, token)) {
        return Promise.resolve(strange);
      }
      const taken = last.then(() => decide(fields));
      last = taken.catch(() => {});
      return taken;
    },
  };
}

interface Fields {
  readonly token: string;
  readonly machine: string;
  readonly request: string;
  readonly hash: string;
  readonly passphrase: string;
  readonly decision: Decision;
}

function parseForm(form: string): Fields | null {
  const given = new URLSearchParams(form);
  const [token, machine, request, hash, passphrase] = ['token', 'machine', 'request', 'hash', 'passphrase'].map(
    (name) => given.get(name) ?? '',
  );
  const decision = given.get('decision');
  if (decision !== 'approve' && decision !== 'decline') return null;
  return { token: token!, machine: machine!, request: request!, hash: hash!, passphrase: passphrase!, decision };
}

const isMeant = ({ machine, request, hash }: Waiting, fields: Fields) =>
  principalToText(machine) === fields.machine && String(request) === fields.request && hash === fields.hash;

/** Compared as hashes, so that the time it takes says nothing. */
function isSame(one: string, other: string): boolean {
  const hashOf = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(hashOf(one), hashOf(other));
}

const bad = (text: string): Notice => ({ text, isBad: true });

const tooMany = (waitMs: number) =>
  `Too many wrong passphrases. Wait ${Math.ceil(waitMs / 60_000)} min, or use \`npx tamc approve\` in your terminal.`;

function noticeOf({ name, request }: Waiting, decided: Result<Decided, CallError>): Notice {
  const which = `${name}, request ${request}: `;
  if (!decided.ok) return bad(`${which}not done, ${decided.error.message}. ${decided.error.nextStep}`);
  const { text, outcome } = decided.value;
  return { text: which + text, isBad: outcome === 'refused' || outcome === 'open' };
}
