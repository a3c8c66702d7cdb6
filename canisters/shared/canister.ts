// A canister without a network: its tables, and the one way in which a decision becomes state. The Azle shell runs it in Wasm, tests
// and simulations run the same in Node.

import { assert } from '@tamc/base/assert';
import type { Codec } from '@tamc/base/codec';
import { ok, type Result, refuse } from '@tamc/base/result';
import type { Envelope } from '@tamc/protocol/events';
import { guardNo } from '@tamc/protocol/guard';
import type { Refusal } from '@tamc/protocol/refusal';
import { type CertifiedTree, createCertifiedTree } from './certified/tree.ts';
import { checkCommand, guardTables, type IdentifiedCommand, rememberCommand } from './guard/commands.ts';
import { type EventLog, eventLeaves, logTablesOf, openLog } from './log/log.ts';
import type { CallOutcome, Context, Decided, Decision, OutcomeContext } from './rule.ts';
import { addCalls, callsOpenMax, keepOutcome, outboxRoom, takeOutcome } from './saga/outbox.ts';
import { outboxTables } from './saga/outbox-tables.ts';
import type { Store } from './tables/port.ts';
import type { TableSet, TablesOf } from './tables/tables.ts';
import { createTransactionStore } from './tables/transaction.ts';

/** Every canister has these: `defineTables({ ...myTables, ...sharedTablesOf(myEvents) })`. Their numbers are 200 to 229. */
export const sharedTablesOf = (events: Pick<Codec<unknown>, 'shape'>) => ({
  ...logTablesOf(events),
  ...guardTables,
  ...outboxTables,
});
export type SharedTables = TablesOf<ReturnType<typeof sharedTablesOf>>;

export type Rule<Tables, Command, Event, Reply> = (
  tables: Tables,
  context: Context,
  command: Command,
) => Decision<Event, Reply>;

/** Takes the outcome of a call. It cannot refuse: what came has come. */
export type OutcomeRule<Tables, Event> = (
  tables: Tables,
  context: OutcomeContext,
  id: string,
  outcome: CallOutcome,
) => Decision<Event, unknown>;

export interface CanisterDefinition<Tables extends SharedTables, Event> {
  readonly tables: Pick<TableSet<unknown>, 'layout' | 'layoutText'> & { open(store: Store): Tables };
  readonly events: Codec<Event>;
  apply(tables: Tables, event: Event, envelope: Envelope): void;
  /** By the first word of the call's id. */
  readonly outcomes: Readonly<Record<string, OutcomeRule<Tables, Event>>>;
  /** Certified beside the tip of the event log. */
  leaves?(tables: Tables): Readonly<Record<string, Uint8Array>>;
  /** While true nothing new is sent to other canisters. */
  isQuiet?(tables: Tables, nowNs: bigint): boolean;
  /** Newest events that are kept. */
  readonly eventsKeptMax?: number;
}

export interface Canister<Tables, Event> {
  readonly tables: Tables;
  readonly log: EventLog<Event>;
  /** Applies what a rule decided, or returns its refusal and changes nothing. Also tells which calls were added. */
  update<Command, Reply>(
    context: Context,
    rule: Rule<Tables, Command, Event, Reply>,
    command: Command,
    commandId?: string | null,
  ): Result<Done<Reply>, Refusal>;
  /** The same, once for each id: repeated, it answers the first one's subject and does nothing. */
  command<Command>(
    context: Context,
    identified: IdentifiedCommand,
    rule: Rule<Tables, Command, Event, string>,
    command: Command,
  ): Result<Done<string>, Refusal>;
  /**
   * Gives the outcome of a call to its rule and ends the call. When the rule or `apply` throws, nothing of it remains and the
   * outcome is kept for later; the error is returned.
   */
  takeOutcome(context: Context, id: string, outcome: CallOutcome): Result<void, unknown>;
  /** What is certified: the tip of the event log and the canister's own leaves. */
  leaves(): Readonly<Record<string, Uint8Array>>;
  certifiedTree(): CertifiedTree;
}

export interface Done<Reply> {
  readonly reply: Reply;
  /** Ids of the calls that it led to. */
  readonly callIds: readonly string[];
}

export function openCanister<Tables extends SharedTables, Event>(
  definition: CanisterDefinition<Tables, Event>,
  below: Store,
): Canister<Tables, Event> {
  const store = createTransactionStore(below);
  const tables = definition.tables.open(store);
  const log = openLog(tables, definition.events, definition.eventsKeptMax);

  const leaves = () => ({ ...eventLeaves(tables), ...definition.leaves?.(tables) });

  function perform(context: Context, commandId: string | null, { events, calls }: Decided<Event, unknown>): void {
    for (const event of events) {
      const envelope = { number: log.next(), timeNs: context.nowNs, commandId, by: context.caller };
      definition.apply(tables, event, envelope);
      log.append(envelope, event);
    }
    addCalls(tables, context.nowNs, calls, commandId);
  }

  const update: Canister<Tables, Event>['update'] = (context, rule, command, commandId = null) => {
    const decision = rule(tables, context, command);
    if (!decision.ok) return decision;
    const { calls, reply } = decision.value;
    const room = outboxRoom(tables);
    if (calls.length > Math.max(0, room)) {
      return refuse(guardNo('CallsOpenTooMany', { open: callsOpenMax - room, max: callsOpenMax }));
    }
    perform(context, commandId, decision.value);
    return ok({ reply, callIds: calls.map(({ id }) => id) });
  };

  function applyOutcome(context: Context, id: string, outcome: CallOutcome): void {
    const { commandId, attempts, openAttempts } = takeOutcome(tables, id);
    const isAlone = openAttempts === 1;
    const rule = definition.outcomes[firstWord(id)];
    assert(rule !== undefined, `nobody takes the outcome of call ${id}`);
    const decision = rule(tables, { ...context, attempts, isAlone }, id, outcome);
    assert(decision.ok, `the outcome of call ${id} was refused`);
    perform(context, commandId, decision.value);
  }

  return {
    tables,
    log,
    update,
    command: (context, identified, rule, command) => {
      const standing = checkCommand(tables, context, identified);
      if (!standing.ok) return standing;
      if (standing.value.kind === 'repeated') return ok({ reply: standing.value.subject, callIds: [] });
      const done = update(context, rule, command, identified.id);
      if (done.ok) rememberCommand(tables, context, identified, done.value.reply);
      return done;
    },
    takeOutcome: (context, id, outcome) => {
      try {
        store.attempt(() => applyOutcome(context, id, outcome));
        return ok(undefined);
      } catch (error) {
        keepOutcome(tables, id, outcome, context.nowNs);
        return refuse(error);
      }
    },
    leaves,
    certifiedTree: () => createCertifiedTree(leaves()),
  };
}

export function firstWord(id: string): string {
  return id.split('/', 1)[0]!;
}
