// A simulated device, as a pure step: what its machine says of it, the commands that are open, and the time give the reports that
// it sends now. It keeps nothing of its own, so that one that was switched off goes on where it was.
import { assert } from '@tamc/base/assert';
import type { CandidReportBody } from '@tamc/protocol/report';
import type { Pace } from './pace.ts';
import { kinds, type MachinePlan } from './plan.ts';
import { randomOf } from './seed.ts';
import { bornWearPpm, judge, type Reading, readingOf, servicedPpm, verdictOf, wornBy } from './wear.ts';

export interface DeviceSetting {
  readonly seed: string;
  readonly plan: MachinePlan;
  readonly pace: Pace;
}

/** Where it stands, by its machine's own records. */
export interface DeviceState {
  /** Null: it has never judged itself. */
  readonly wearPpm: number | null;
  readonly fault: string | null;
  readonly judgedNs: bigint;
  /** All that was ever used, in units. */
  readonly meter: bigint;
  readonly lastReportNs: bigint | null;
}

export interface DeviceCommand {
  readonly command: number;
  readonly action: string;
  /** Units to be done; 0 when the command is no order. */
  readonly quantity: bigint;
  /** Null: not accepted yet. */
  readonly acceptedNs: bigint | null;
  /** What ends later counts for nothing. */
  readonly expiresNs: bigint;
}

export interface TimedReport {
  readonly atNs: bigint;
  readonly body: CandidReportBody;
}

export interface DeviceStep {
  readonly state: DeviceState;
  readonly reports: readonly TimedReport[];
  /** What the reports' digests are of. */
  readonly readings: readonly Reading[];
}

const repairHours = 4n;
const serviceHours = 24n;
const heartbeatHours = 6n;
/** Of a hundred uses, on a new machine and on one at the end of its life. */
const faultPerHundred = [3, 12] as const;

export function stepDevice(
  setting: DeviceSetting,
  state: DeviceState,
  commands: readonly DeviceCommand[],
  nowNs: bigint,
): DeviceStep {
  const isHalted = commands.some(({ action }) => action === 'stop' || action === 'safe');
  const isWorking = commands.some(({ action, acceptedNs }) => action === 'start' && acceptedNs !== null);
  const steps: readonly ((before: DeviceState) => DeviceStep)[] = [
    (before) => (isWorking && before.wearPpm !== null ? quiet(before) : maintain(setting, before, nowNs)),
    ...commands.map(
      (command) => (before: DeviceState) =>
        command.action === 'start'
          ? work(setting, before, command, nowNs, isHalted)
          : obey(setting, before, command, nowNs),
    ),
    (before) => beat(setting, before, nowNs),
  ];
  return steps.reduce((sum, step) => joined(sum, step(sum.state)), quiet(state));
}

const quiet = (state: DeviceState): DeviceStep => ({ state, reports: [], readings: [] });

function joined(before: DeviceStep, after: DeviceStep): DeviceStep {
  const reports = [...before.reports, ...after.reports];
  const last = after.reports.at(-1)?.atNs ?? after.state.lastReportNs;
  return {
    state: { ...after.state, lastReportNs: last },
    reports,
    readings: [...before.readings, ...after.readings],
  };
}

/** A first look at itself; the repair of what is broken; the service of what is worn. */
function maintain({ seed, plan, pace }: DeviceSetting, state: DeviceState, nowNs: bigint): DeviceStep {
  if (state.wearPpm === null) return judged(plan, state, nowNs, bornWearPpm(seed, plan), null);
  const since = nowNs - state.judgedNs;
  if (state.fault !== null) {
    return since < repairHours * pace.hourNs ? quiet(state) : judged(plan, state, nowNs, state.wearPpm, null);
  }
  const isDue = verdictOf(state.wearPpm, null) === 'due' && since >= serviceHours * pace.hourNs;
  return isDue ? judged(plan, state, nowNs, servicedPpm, null) : quiet(state);
}

function judged(
  plan: MachinePlan,
  state: DeviceState,
  atNs: bigint,
  wearPpm: number,
  fault: string | null,
): DeviceStep {
  const { reading, body } = judge(plan, atNs, wearPpm, fault);
  const reports = [{ atNs, body }];
  return { state: { ...state, wearPpm, fault, judgedNs: atNs }, reports, readings: [reading] };
}

/** An order: taken, worked on for as long as it takes, then confirmed with what was metered, or failed. */
function work(
  setting: DeviceSetting,
  state: DeviceState,
  command: DeviceCommand,
  nowNs: bigint,
  isHalted: boolean,
): DeviceStep {
  const { command: job, acceptedNs } = command;
  if (acceptedNs === null) {
    const why = isHalted ? 'it is told to be safe' : reasonNot(setting, state, command, nowNs);
    const accepted = { atNs: nowNs, body: { accepted: { command: job } } };
    const next = why === null ? { atNs: nowNs, body: { acted: { command: job } } } : failed(job, nowNs, why);
    return { state, reports: [accepted, next], readings: [] };
  }
  const { fault, used, endNs } = courseOf(setting, state, command, acceptedNs);
  if (nowNs >= endNs) {
    return fault === null ? confirmed(setting, state, job, used, endNs) : broken(setting, state, job, fault, endNs);
  }
  if (!isHalted) return quiet(state);
  const part = (used * (nowNs - acceptedNs)) / (endNs - acceptedNs);
  return confirmed(setting, state, job, part, nowNs);
}

/** Why it does not begin, if so. */
function reasonNot({ plan, pace }: DeviceSetting, { fault }: DeviceState, command: DeviceCommand, nowNs: bigint) {
  const wholeNs = command.quantity * BigInt(kinds[plan.kind].minutesPerUnit) * pace.minuteNs;
  return fault ?? (nowNs + wholeNs > command.expiresNs ? 'there is not enough time left' : null);
}

/** How a job goes is decided by the seed and the job alone, so that every look at it sees the same. */
function courseOf({ seed, plan, pace }: DeviceSetting, state: DeviceState, command: DeviceCommand, acceptedNs: bigint) {
  const random = randomOf(seed, plan.name, 'job', command.command);
  const { minutesPerUnit, faults } = kinds[plan.kind];
  const percent = BigInt(60 + random.below(41));
  const share = (command.quantity * percent) / 100n;
  const used = share > 0n ? share : 1n;
  const [young, old] = faultPerHundred;
  const isFault = random.fraction() * 100 < young + ((old - young) * (state.wearPpm ?? 0)) / 1_000_000;
  const wholeNs = used * BigInt(minutesPerUnit) * pace.minuteNs;
  if (!isFault) return { fault: null, used, endNs: acceptedNs + wholeNs };
  return { fault: random.pick(faults), used, endNs: acceptedNs + wholeNs / 3n };
}

function confirmed(
  { plan }: DeviceSetting,
  state: DeviceState,
  command: number,
  used: bigint,
  atNs: bigint,
): DeviceStep {
  const { meter, meterUnit } = kinds[plan.kind];
  const value = state.meter + used;
  const evidence = readingOf(plan.name, atNs, { command, used: String(used), meter: String(value) });
  assert(state.wearPpm !== null, 'a device judges itself before it works');
  const after = judged(plan, state, atNs, wornBy(plan, state.wearPpm, used), null);
  return {
    state: { ...after.state, meter: value },
    reports: [
      { atNs, body: { meter: { meter, value, unit: meterUnit, evidence: evidence.digest } } },
      { atNs, body: { confirmed: { command, quantity: used, evidence: evidence.digest } } },
      ...after.reports,
    ],
    readings: [evidence, ...after.readings],
  };
}

function broken({ plan }: DeviceSetting, state: DeviceState, command: number, fault: string, atNs: bigint): DeviceStep {
  const after = judged(plan, state, atNs, state.wearPpm ?? 0, fault);
  const [reading] = after.readings;
  return { ...after, reports: [failed(command, atNs, fault, reading!.digest), ...after.reports] };
}

function failed(command: number, atNs: bigint, reason: string, evidence?: Uint8Array): TimedReport {
  return { atNs, body: { failed: { command, reason, evidence: evidence === undefined ? [] : [evidence] } } };
}

/** What is no order is done at once. */
function obey(
  { plan }: DeviceSetting,
  state: DeviceState,
  { command, action }: DeviceCommand,
  atNs: bigint,
): DeviceStep {
  const reading = readingOf(plan.name, atNs, { command, action });
  return {
    state,
    reports: [
      { atNs, body: { accepted: { command } } },
      { atNs, body: { acted: { command } } },
      { atNs, body: { confirmed: { command, quantity: 0n, evidence: reading.digest } } },
    ],
    readings: [reading],
  };
}

function beat({ pace }: DeviceSetting, state: DeviceState, nowNs: bigint): DeviceStep {
  if (!isSilent(pace, state.lastReportNs, nowNs)) return quiet(state);
  return { state, reports: [{ atNs: nowNs, body: { heartbeat: null } }], readings: [] };
}

/** A device that has nothing to say says at times that it is there. */
export function isSilent({ hourNs }: Pace, lastReportNs: bigint | null, nowNs: bigint): boolean {
  return nowNs - (lastReportNs ?? 0n) >= heartbeatHours * hourNs;
}

/** A roaming device has no network for two to five hours of most days; when, the seed knows. */
export function isOffline({ seed, plan, pace }: DeviceSetting, nowNs: bigint): boolean {
  if (!plan.isRoaming) return false;
  const day = nowNs / pace.dayNs;
  const random = randomOf(seed, plan.name, 'day', day);
  if (random.below(4) === 0) return false;
  const fromNs = BigInt(8 + random.below(8)) * pace.hourNs;
  const lengthNs = BigInt(2 + random.below(4)) * pace.hourNs;
  const atNs = nowNs % pace.dayNs;
  return atNs >= fromNs && atNs < fromNs + lengthNs;
}
