// Shell (clock, timers): turning time by hand, in the verbs that tests of an Internet Computer use: set, advance, tick,
// auto-progress.
import { setImmediate as othersHadTheirTurn } from 'node:timers/promises';
import type { TimePort } from '../http/core.ts';
import { checkDuration, checkRounds, checkTime } from './check-arguments.ts';
import type { Driver } from './driver.ts';
import { ReplicaError } from './replica-error.ts';
import { machineNowNs, type Time, type VirtualTime } from './time.ts';

export interface TimeControl {
  /** As queries see it; the next round is not earlier. */
  nowNs(): bigint;
  /** Virtual time only. Moving back is refused. Timers and updates see it with the next round. */
  setNs(timeNs: bigint): void;
  advanceNs(durationNs: bigint): void;
  /** Executes this many rounds; resolves when they are durable. */
  tick(rounds?: number): Promise<void>;
  /** Virtual time follows the machine's clock from now on, a round every 50 ms, until `stopProgress`. */
  autoProgress(): void;
  stopProgress(): void;
}

const progressIntervalMs = 50;

export function createTimeControl(time: Time | VirtualTime, driver: Driver): TimeControl {
  let progress: NodeJS.Timeout | null = null;
  let aheadOfMachineNs = 0n;
  const setNs = (timeNs: bigint) => {
    checkTime(timeNs);
    if (!('setNs' in time)) throw notVirtual();
    if (timeNs < time.nowNs()) throw backwards(timeNs, time.nowNs());
    time.setNs(timeNs);
    aheadOfMachineNs = timeNs - machineNowNs();
  };
  return {
    nowNs: () => time.nowNs(),
    setNs,
    advanceNs: (durationNs) => {
      checkDuration(durationNs);
      setNs(time.nowNs() + durationNs);
    },
    tick: async (rounds = 1) => {
      checkRounds(rounds);
      // From here on the stack is empty, however deep the caller's was.
      await null;
      for (let i = 0; i < rounds; i++) await driver.tick();
    },
    autoProgress: () => {
      if (!('setNs' in time)) throw notVirtual();
      aheadOfMachineNs = time.nowNs() - machineNowNs();
      progress ??= setInterval(() => {
        const timeNs = machineNowNs() + aheadOfMachineNs;
        // Where the machine's clock was put back, time waits for it.
        if (timeNs > time.nowNs()) time.setNs(timeNs);
        void driver.tick().catch(() => {});
      }, progressIntervalMs).unref();
    },
    stopProgress: () => {
      if (progress !== null) clearInterval(progress);
      progress = null;
    },
  };
}

/** For clients over HTTP. Time is what they set, also before a round was made at it. */
export function createTimePort(time: Time | VirtualTime, control: TimeControl): TimePort {
  return {
    nowNs: () => time.nowNs(),
    isVirtual: () => 'setNs' in time,
    setNs: control.setNs,
    tick: async () => {
      await control.tick();
      // In memory a round is durable at once; other clients are to be served between two all the same.
      await othersHadTheirTurn();
    },
  };
}

function notVirtual(): ReplicaError {
  return new ReplicaError(
    'input',
    'timeIsReal',
    'This replica follows the clock of the machine.',
    'Make it with virtualTime: true to turn its time by hand.',
  );
}

function backwards(wantedNs: bigint, nowNs: bigint): ReplicaError {
  return new ReplicaError(
    'input',
    'timeGoesBack',
    `Time cannot go back from ${nowNs} to ${wantedNs}.`,
    'Give a later time.',
  );
}
