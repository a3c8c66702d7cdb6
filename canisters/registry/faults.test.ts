// Births and upgrades under faults at every call: rejects before and after something was done, lost answers, answers that come twice,
// the registry's own upgrade in between. A small model of the network says what is true.
import { IDL } from '@dfinity/candid';
import { PreparedUpgradeType, UpgradeDecisionType } from '@tamc/protocol/identity';
import { hexToPrincipal, type PrincipalHex, principalToHex } from '@tamc/protocol/principal';
import { AnswerType } from '@tamc/protocol/refusal';
import type { CallOutcome } from '@tamc/shared/rule';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resumeBirths, settleBirth } from './birth-steps.ts';
import {
  approve,
  type Call,
  candidWith,
  codeOf,
  createReadyRegistry,
  firstHash,
  governor,
  layoutWith,
  ledger,
  operator,
  order,
  rejected,
  replyOf,
  secondHash,
  self,
  stranger,
  type TestRegistry,
  unknown,
} from './test-registry.ts';
import { resumeUpgrade, startUpgrade } from './upgrades.ts';

interface Canister {
  readonly madeBy: string;
  isRunning: boolean;
  module: number | null;
  controllers: readonly PrincipalHex[];
  installs: number;
  isQuiet: boolean;
}

const CanisterType = IDL.Record({ canister_id: IDL.Principal });
const InstallType = IDL.Record({ target_canister: IDL.Principal, wasm_module_hash: IDL.Vec(IDL.Nat8) });
const ControllersType = IDL.Record({
  canister_id: IDL.Principal,
  settings: IDL.Record({ controllers: IDL.Opt(IDL.Vec(IDL.Principal)) }),
});
const StatusType = IDL.Record({
  status: IDL.Variant({ running: IDL.Null, stopped: IDL.Null }),
  module_hash: IDL.Opt(IDL.Vec(IDL.Nat8)),
});

interface Mood {
  openCall: boolean;
  traps: boolean;
}

/** Canisters and what the management canister and the machines answer. */
function createModel(mood: Mood = { openCall: false, traps: false }) {
  const canisters = new Map<PrincipalHex, Canister>();
  const touched = new Set<string>();
  const targetOf = ({ argument }: Call) =>
    (IDL.decode([CanisterType], argument)[0] as unknown as { canister_id: ReturnType<typeof hexToPrincipal> })
      .canister_id;
  const found = (call: Call) => canisters.get(principalToHex(targetOf(call)))!;

  function create({ id }: Call): CallOutcome {
    const canister = `${(100 + canisters.size).toString(16).padStart(16, '0')}0101` as PrincipalHex;
    canisters.set(canister, {
      madeBy: id,
      isRunning: true,
      module: null,
      controllers: [self],
      installs: 0,
      isQuiet: false,
    });
    return replyOf(CanisterType, { canister_id: hexToPrincipal(canister) });
  }

  function installCode({ argument }: Call): CallOutcome {
    const [args] = IDL.decode([InstallType], argument) as unknown as [
      { target_canister: ReturnType<typeof hexToPrincipal>; wasm_module_hash: Uint8Array },
    ];
    const canister = canisters.get(principalToHex(args.target_canister))!;
    const module = args.wasm_module_hash[0]!;
    if (module === 0x11 && canister.module !== null) return rejected('the canister is not empty', 5);
    if (module !== 0x11 && canister.isRunning) throw new Error('upgraded while it runs');
    if (module !== 0x11 && mood.traps) return rejected('trapped in post_upgrade', 5);
    canister.module = module;
    canister.isQuiet = false;
    canister.installs++;
    return replyOf(null);
  }

  function setControllers({ argument }: Call): CallOutcome {
    const [args] = IDL.decode([ControllersType], argument) as unknown as [
      {
        canister_id: ReturnType<typeof hexToPrincipal>;
        settings: { controllers: [ReturnType<typeof hexToPrincipal>[]] };
      },
    ];
    const canister = canisters.get(principalToHex(args.canister_id))!;
    canister.controllers = args.settings.controllers[0].map(principalToHex);
    return replyOf(null);
  }

  function setRunning(call: Call, isRunning: boolean): CallOutcome {
    if (!isRunning) touched.add(call.id.split('/')[1]!);
    found(call).isRunning = isRunning;
    return replyOf(null);
  }

  const methods: Readonly<Record<string, (call: Call) => CallOutcome>> = {
    create_canister: create,
    install_chunked_code: installCode,
    update_settings: setControllers,
    canister_status: (call) => {
      const { isRunning, module } = found(call);
      const status = isRunning ? { running: null } : { stopped: null };
      const module_hash = module === null ? [] : [new Uint8Array(32).fill(module)];
      return replyOf(StatusType, { status, module_hash });
    },
    stop_canister: (call) => setRunning(call, false),
    start_canister: (call) => setRunning(call, true),
    upgrade_decision: () =>
      replyOf(UpgradeDecisionType, { module_hash: [new Uint8Array(32).fill(0x22)], expires_ns: [] }),
    layout: () => replyOf(IDL.Text, layoutWith('by')),
    prepare_upgrade: ({ callee }) => {
      canisters.get(callee)!.isQuiet = !mood.openCall;
      const open = { callee: hexToPrincipal(ledger), method: 'icrc1_transfer', since_ns: 1n };
      return replyOf(AnswerType(PreparedUpgradeType), {
        Ok: { open_calls: mood.openCall ? [open] : [], quiet_until_ns: 1n },
      });
    },
    cancel_upgrade: ({ callee }) => {
      canisters.get(callee)!.isQuiet = false;
      return replyOf(AnswerType(IDL.Null), { Ok: null });
    },
  };
  const perform = (call: Call) => methods[call.method]!(call);
  return { canisters, touched, mood, perform, lost: new Set<string>() };
}

type Model = ReturnType<typeof createModel>;
/** What becomes of one call. */
const fault = fc.constantFrom('done', 'rejected', 'done and lost', 'lost', 'answered twice');
type Fault = 'done' | 'rejected' | 'done and lost' | 'lost' | 'answered twice';

/** A call whose answer is lost is sent again if it may be, which here means that it simply stays where it is. */
function deliver(registry: TestRegistry, model: Model, call: Call, what: Fault): void {
  if (what !== 'done' && what !== 'answered twice') model.lost.add(call.method);
  if (what === 'rejected') {
    registry.answer(call.id, rejected());
    return;
  }
  if (what === 'lost' || what === 'done and lost') {
    if (what === 'done and lost') model.perform(call);
    if (!call.isRepeatable) registry.answer(call.id, unknown);
    return;
  }
  const outcome = model.perform(call);
  if (what === 'answered twice' && call.isRepeatable) model.perform(call);
  registry.answer(call.id, outcome);
}

function deliverAll(registry: TestRegistry, model: Model): void {
  for (let calls = registry.calls(); calls.length > 0; calls = registry.calls()) {
    for (const call of calls) deliver(registry, model, call, 'done');
  }
}

function runFaults(registry: TestRegistry, model: Model, faults: readonly (readonly [Fault, number])[]): void {
  for (const [what, pick] of faults) {
    const calls = registry.calls();
    if (calls.length > 0) deliver(registry, model, calls[pick % calls.length]!, what);
  }
}

/** The governor finds out what became of a call that nobody answered, and everybody resumes what stands still. */
function repair(registry: TestRegistry, model: Model): void {
  const { births } = registry.tables;
  for (let birth = 0; birth < births.end(); birth++) {
    const { isUnknown, problem, calls } = births.get(birth)!;
    const made = [...model.canisters].find(([, { madeBy }]) => madeBy === `birth/${birth}/${calls}`);
    if (isUnknown) registry.act(governor, settleBirth, { birth, canister: made?.[0] ?? null });
    else if (problem !== null) registry.act(operator, resumeBirths, { births: [birth], cyclesAvailable: 10n ** 15n });
  }
}

const done = (times: number) => Array.from({ length: times }, (): [Fault, number] => ['done', 0]);
const faults = fc.array(fc.tuple(fault, fc.nat(1000)), { maxLength: 60 });

describe('whatever becomes of the calls of births', () => {
  it('no canister is created twice, and every birth can be brought to its end', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), faults, faults, (count, first, second) => {
        const registry = createReadyRegistry();
        const model = createModel();
        order(registry, count);
        runFaults(registry, model, first);
        repair(registry, model);
        runFaults(registry, model, second);
        for (let i = 0; i < 4; i++) {
          deliverAll(registry, model);
          repair(registry, model);
        }
        const { births, machineOrder } = registry.tables;
        for (let birth = 0; birth < count; birth++)
          expect(births.get(birth)).toMatchObject({ step: 'born', problem: null });
        expect(model.canisters.size).toBe(count);
        expect(machineOrder.end()).toBe(count);
        for (const [canister, { module, controllers, installs }] of model.canisters) {
          expect({ module, controllers, installs }).toEqual({
            module: 0x11,
            controllers: [canister, self],
            installs: 1,
          });
        }
      }),
      { numRuns: 150 },
    );
  });
});

describe('whatever becomes of the calls of an upgrade', () => {
  it('the machine runs and works at the end, its code is what the registry says, and a refused one was never stopped', () => {
    const moods = fc.record({ openCall: fc.boolean(), traps: fc.boolean() });
    const outcomes = new Set<string>();
    fc.assert(
      fc.property(moods, faults, (mood, given) => {
        const registry = createReadyRegistry();
        const model = createModel();
        approve(registry, codeOf(secondHash, { candid: candidWith('memo : opt text') }));
        order(registry, 1, firstHash);
        deliverAll(registry, model);
        const [machine, canister] = [...model.canisters][0]!;
        Object.assign(model.mood, mood);
        for (const piece of [given.slice(0, 20), given.slice(20, 40), given.slice(40)]) {
          registry.act(stranger, startUpgrade, { machine, moduleHash: secondHash });
          runFaults(registry, model, piece);
        }
        const { upgrades, machines } = registry.tables;
        for (let i = 0; i < 2; i++) {
          deliverAll(registry, model);
          for (let upgrade = 0; upgrade < upgrades.end(); upgrade++) registry.act(stranger, resumeUpgrade, { upgrade });
        }
        expect(canister.isRunning).toBe(true);
        if (!model.lost.has('cancel_upgrade')) expect(canister.isQuiet).toBe(false);
        expect(canister.module).toBe(machines.get(machine)!.moduleHash === secondHash ? 0x22 : 0x11);
        for (let upgrade = 0; upgrade < upgrades.end(); upgrade++) {
          const { outcome } = upgrades.get(upgrade)!;
          expect(outcome).not.toBeNull();
          outcomes.add(outcome!);
          if (outcome === 'refused') expect(model.touched.has(`${upgrade}`)).toBe(false);
        }
      }),
      {
        numRuns: 150,
        // The answer of the install is lost, and so is the look at what it did.
        examples: [[{ openCall: false, traps: false }, [...done(5), ['done and lost', 0], ['rejected', 0]]]],
      },
    );
    expect([...outcomes].sort()).toEqual(['failed', 'refused', 'upgraded']);
  });
});
