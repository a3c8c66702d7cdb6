// Runs a canister's rules in Wasm: decode → rule → apply → log → outbox → certify → reply. A method of a canister is one line on it.
// What throws traps, and a trap takes back everything the message did.

import type { Result } from '@tamc/base/result';
import { bytesToHexQuickly } from '@tamc/base/utf8';
import { type CandidEvents, lastEventHashLabel, lastEventIndexLabel } from '@tamc/protocol/events';
import { guardNo } from '@tamc/protocol/guard';
import { principalToHex } from '@tamc/protocol/principal';
import { type CandidRefusal, type Refusal, refusalToCandid } from '@tamc/protocol/refusal';
import { canisterSelf, certifiedDataSet, dataCertificate, IDL, msgArgData, msgCaller, msgReply, time } from 'azle';
import { prepareReplies } from '../candid-cheap.ts';
import {
  type Canister,
  type CanisterDefinition,
  type Done,
  openCanister,
  type Rule,
  type SharedTables,
} from '../canister.ts';
import { argumentDigest } from '../guard/commands.ts';
import type { Context } from '../rule.ts';
import { type OpenCall, openCalls } from '../saga/outbox.ts';
import '../candid-guard.ts';
import { replyTypes } from './method-notes.ts';
import { createOutboxDriver } from './outbox-driver.ts';
import { entriesFor, eventsReplicatedMax } from './replicated.ts';
import { createStableStore } from './stable-store.ts';

export type Answer<T> = { Ok: T } | { Err: CandidRefusal };

export interface Shell<Tables, Event> {
  readonly tables: Tables;
  context(): Context;
  /** Performs and answers at once; calls that it led to go out with this message. */
  update<C, R, A>(rule: Rule<Tables, C, Event, R>, command: C, render: (tables: Tables, reply: R) => A): Answer<A>;
  /** The same, answering when the first outcomes of its calls are in the state. */
  settled<C, R, A>(
    rule: Rule<Tables, C, Event, R>,
    command: C,
    render: (tables: Tables, reply: R) => A,
  ): Promise<Answer<A>>;
  /**
   * Once for each command id of a caller: the rule replies with the subject, and the answer is rendered from the state; null where a
   * repetition finds that the subject is no longer kept, which is then said.
   */
  command<C, A>(
    commandId: string,
    rule: Rule<Tables, C, Event, string>,
    command: C,
    render: (tables: Tables, subject: string) => A | null,
  ): Answer<A>;
  commandSettled<C, A>(
    commandId: string,
    rule: Rule<Tables, C, Event, string>,
    command: C,
    render: (tables: Tables, subject: string) => A | null,
  ): Promise<Answer<A>>;
  /** For a method whose answer has another form than ours: what was decided, with everything done. */
  perform<C, R>(rule: Rule<Tables, C, Event, R>, command: C): Result<R, Refusal>;
  events(from: bigint, limit: number): CandidEvents;
  /** The network's signature and the part of the tree that shows these labels; only in a query. */
  certificate(labels: readonly string[]): { readonly certificate: Uint8Array | null; readonly witness: Uint8Array };
  openCalls(): readonly OpenCall[];
  /** Replies the tables' layout as JSON, for the check before an upgrade: in a method with `manual: true`. */
  layout(): void;
  /** In `@init`: certifies the empty log. In `@postUpgrade`: also takes up the calls that were open. */
  start(): void;
  resume(): void;
}

export function createShell<Tables extends SharedTables, Event>(
  definition: CanisterDefinition<Tables, Event>,
): Shell<Tables, Event> {
  const canister = openCanister(definition, createStableStore());
  const { tables } = canister;
  const certify = createCertifier(canister);
  const isQuiet = (nowNs: bigint) => definition.isQuiet?.(tables, nowNs) ?? false;
  const driver = createOutboxDriver({ canister, certify, isQuiet });

  function done<R>(result: Result<Done<R>, Refusal>): Performed<R> {
    if (!result.ok) return { result, attempts: [] };
    const { reply, callIds } = result.value;
    certify();
    const sent = callIds.length > 0 ? driver.drive() : new Map<string, Promise<void>>();
    return { result: { ok: true, value: reply }, attempts: callIds.flatMap((id) => sent.get(id) ?? []) };
  }

  const perform = <C, R>(rule: Rule<Tables, C, Event, R>, command: C) =>
    done(canister.update(context(), rule, command));
  const performOnce = <C>(id: string, rule: Rule<Tables, C, Event, string>, command: C) =>
    done(canister.command(context(), { id, digest: argumentDigest(msgArgData()) }, rule, command));

  function answer<R, A>({ result }: Performed<R>, render: (tables: Tables, reply: R) => A): Answer<A> {
    return result.ok ? { Ok: render(tables, result.value) } : { Err: refusalToCandid(result.error) };
  }

  function answerOnce<A>(
    { result }: Performed<string>,
    render: (tables: Tables, subject: string) => A | null,
  ): Answer<A> {
    if (!result.ok) return { Err: refusalToCandid(result.error) };
    const shown = render(tables, result.value);
    return shown === null
      ? { Err: refusalToCandid(guardNo('NoLongerKept', { subject: result.value })) }
      : { Ok: shown };
  }

  async function answerSettled<R, A>(performed: Performed<R>, render: (tables: Tables, reply: R) => A) {
    await Promise.all(performed.attempts);
    return answer(performed, render);
  }

  const encodeLayout = () => new Uint8Array(IDL.encode([IDL.Text], [definition.tables.layoutText()]));
  /** Encoding it is what it costs, and any canister may ask at this one's cost; what a query makes is not kept. */
  let layoutReply: Uint8Array | null = null;

  function prepare(): void {
    prepareReplies(replyTypes());
    layoutReply = encodeLayout();
    certify();
  }

  const certificate: Shell<Tables, Event>['certificate'] = (labels) => ({
    certificate: dataCertificate() ?? null,
    witness: canister.certifiedTree().witness(labels),
  });

  return {
    tables,
    context,
    update: (rule, command, render) => answer(perform(rule, command), render),
    settled: (rule, command, render) => answerSettled(perform(rule, command), render),
    command: (id, rule, command, render) => answerOnce(performOnce(id, rule, command), render),
    commandSettled: async (id, rule, command, render) => {
      const performed = performOnce(id, rule, command);
      await Promise.all(performed.attempts);
      return answerOnce(performed, render);
    },
    perform: (rule, command) => perform(rule, command).result,
    events: (from, limit) => {
      const page = canister.log.read(Number(from), entriesFor(limit, eventsReplicatedMax));
      const proof = certificate([lastEventHashLabel, lastEventIndexLabel]);
      return {
        events: [...page.events],
        first: BigInt(page.first),
        next: BigInt(page.next),
        previous_hash: page.previousHash,
        certificate: proof.certificate === null ? [] : [proof.certificate],
        witness: proof.witness,
      };
    },
    certificate,
    openCalls: () => openCalls(tables),
    layout: () => msgReply(layoutReply ?? encodeLayout()),
    start: prepare,
    resume: () => {
      prepare();
      driver.resume();
    },
  };
}

/** Certifies what changed and only then: hashing the tree costs more than most rules. */
function createCertifier<Tables, Event>(canister: Canister<Tables, Event>): () => void {
  let certified: string | null = null;
  return () => {
    const leaves = Object.entries(canister.leaves()).map(([label, bytes]) => `${label} ${bytesToHexQuickly(bytes)}`);
    const wanted = leaves.join('\n');
    if (wanted === certified) return;
    certifiedDataSet(canister.certifiedTree().rootHash());
    certified = wanted;
  };
}

interface Performed<R> {
  readonly result: Result<R, Refusal>;
  readonly attempts: readonly Promise<void>[];
}

function context(): Context {
  return { self: principalToHex(canisterSelf()), caller: principalToHex(msgCaller()), nowNs: time() };
}
