// Canisters of Wasm and their twins on pure rules, in one world: the twins are told what the replica executed, and then both are held
// against each other: what they answered, whom they called, and everything that they keep.

import { IDL } from '@dfinity/candid';
import { bytesToHexQuickly } from '@tamc/base/utf8';
import { type PrincipalHex, principalToText } from '@tamc/protocol/principal';
import { type Layout, stateHash } from '@tamc/shared/tables/index';
import type { Methods } from '../../stack/src/candid/parse-did.ts';
import { decode, encode, reply } from '../harness/canisters.ts';
import { firstDifference } from './difference.ts';
import type { Execution, RecordedWorld } from './recorded.ts';
import type { Given, Twin, TwinAnswer } from './shell-twin.ts';

interface Pair {
  readonly name: string;
  readonly canister: PrincipalHex;
  readonly twin: Pick<Twin<unknown>, 'store' | 'take'>;
  readonly layout: Layout;
  /** False while it answers nobody, so that it cannot be looked into. */
  isWell?(): boolean;
  readonly interface: Methods;
}

export type Twins = ReturnType<typeof createTwins>;

export function createTwins(world: RecordedWorld) {
  const pairs = new Map<PrincipalHex, Pair>();
  /** How often each answer was given, by both. */
  const answers = new Map<string, number>();

  function follow(): void {
    for (const execution of world.takeExecutions()) {
      const pair = pairs.get(execution.canister);
      const answer = pair === undefined ? null : takeNamed(pair, execution);
      if (pair !== undefined && answer !== null) compareAnswers(pair, execution, answer);
    }
  }

  function compareAnswers({ name, interface: methods }: Pair, { reply: bytes }: Execution, answer: TwinAnswer): void {
    const { method, code } = answer;
    const key = `${name}.${method} ${code}`;
    answers.set(key, (answers.get(key) ?? 0) + 1);
    // Some answer when a call of theirs is settled; what it did is in the state.
    if (bytes === null) return;
    const given = codeOf(decode(methods[method]!.retTypes, bytes)[0]);
    if (given !== code) throw new Error(`${name}.${method}: Wasm answers ${given}, and the rules ${code}`);
  }

  async function look<T>(
    canister: PrincipalHex,
    method: string,
    types: IDL.Type[],
    values: unknown[],
    result: IDL.Type,
  ) {
    const query = { canister: principalToText(canister), method, arg: encode(types, values) };
    return decode([result], await reply(world.replica.query(query)))[0] as T;
  }

  async function expectSame({ name, canister, twin, layout, isWell }: Pair): Promise<void> {
    if (isWell?.() === false) return;
    const entries: [Uint8Array, Uint8Array][] = [];
    for (;;) {
      const range = [entries.length, entriesPerPage];
      const page = await look<Given[]>(canister, 'entries', pageTypes, range, EntriesType);
      entries.push(...page.map(({ key, value }): [Uint8Array, Uint8Array] => [key, value]));
      if (page.length < entriesPerPage) break;
    }
    const difference = firstDifference(layout, entries, twin.store);
    if (difference !== null) throw new Error(`${name}: ${difference}`);
  }

  async function expectSameHash({ name, canister, twin }: Pair): Promise<void> {
    const ofWasm = await look<string>(canister, 'state_hash', [], [], IDL.Text);
    const ofRules = bytesToHexQuickly(stateHash(twin.store));
    if (ofWasm !== ofRules) throw new Error(`${name}: the state hash of Wasm is ${ofWasm}, of the rules ${ofRules}`);
  }

  return {
    answers,
    /** Before the first look, so that nothing that it did is missed. */
    add: (pair: Pair) => {
      pairs.set(pair.canister, pair);
    },
    follow,
    /** That all twins keep the same now, entry by entry: quicker than to have Wasm hash it. */
    compare: async () => {
      follow();
      for (const pair of pairs.values()) await expectSame(pair);
    },
    compareHashes: async () => {
      follow();
      for (const pair of pairs.values()) await expectSameHash(pair);
    },
  };
}

const pageTypes = [IDL.Nat32, IDL.Nat32];
const entriesPerPage = 1_000;
const EntriesType = IDL.Vec(IDL.Record({ key: IDL.Vec(IDL.Nat8), value: IDL.Vec(IDL.Nat8) }));

function takeNamed({ name, twin }: Pair, execution: Execution): TwinAnswer | null {
  try {
    return twin.take(execution);
  } catch (error) {
    throw new Error(`${name}: ${String(error)}`, { cause: error });
  }
}

function codeOf(answer: Given): string {
  if ('Err' in answer) return answer.Err.code;
  return answer.Ok?.refused?.[0]?.refusal.code ?? 'done';
}
