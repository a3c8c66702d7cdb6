// Runs the trials of a suite, so many at a time, each into the log as it ends. What the log has already is not done again.
import type { Ground } from './ground.ts';
import type { Host } from './hosts/host.ts';
import { callLine, keyOfTrial, type Log, type LogLine, type TrialLine, trialLine } from './log.ts';
import type { Scenario } from './scenario.ts';
import { runTrial } from './trial.ts';

export interface RunSettings {
  readonly run: string;
  readonly scenarios: readonly Scenario[];
  readonly host: Host;
  readonly trials: number;
  readonly concurrency: number;
  /** What was done before. */
  readonly known: Pick<Log, 'trials'>;
  append(line: LogLine): void;
  progress(done: TrialLine, position: Position): void;
  nowIso(): string;
}

export interface Position {
  readonly done: number;
  readonly all: number;
}

interface Job {
  readonly scenario: Scenario;
  readonly number: number;
}

/** So many in a row that the model cannot be reached: then going on only costs time. */
const infraMax = 3;

export interface Ran {
  readonly ran: number;
  readonly known: number;
  /** Why it stopped before its end; null: it did not. */
  readonly stoppedBy: string | null;
}

/** The ground is only laid where there is something to do. */
export async function runSuite(layGround: () => Promise<Ground>, settings: RunSettings): Promise<Ran> {
  const all = jobsOf(settings);
  const done = new Set(settings.known.trials.filter(({ ended }) => ended !== 'infra').map(keyOfTrial));
  const open = all.filter((job) => !done.has(keyOf(job)));
  const known = all.length - open.length;
  let [next, ran, inRow] = [0, 0, 0];
  let stoppedBy: string | null = null;
  if (open.length === 0) return { ran, known, stoppedBy };
  const ground = await layGround();
  const work = async () => {
    while (next < open.length && stoppedBy === null) {
      const line = await runJob(ground, open[next++]!, settings);
      inRow = line.ended === 'infra' ? inRow + 1 : 0;
      if (inRow >= infraMax) stoppedBy = line.said;
      settings.progress(line, { done: known + ++ran, all: all.length });
    }
  };
  await Promise.all(Array.from({ length: settings.concurrency }, work));
  return { ran, known, stoppedBy };
}

/** First each scenario once, then each a second time: a run that is broken off has seen them all. */
function jobsOf({ scenarios, trials }: RunSettings): readonly Job[] {
  return Array.from({ length: trials }, (_, i) => scenarios.map((scenario) => ({ scenario, number: i + 1 }))).flat();
}

function keyOf({ scenario: { name, version }, number }: Job): string {
  return keyOfTrial({ scenario: name, version, number });
}

async function runJob(ground: Ground, { scenario, number }: Job, settings: RunSettings): Promise<TrialLine> {
  const { run, host, append, nowIso } = settings;
  const trial = `${run}/${scenario.name}/${number}`;
  const result = await runTrial(ground, scenario, host, (called) => append(callLine(trial, called)));
  const line = trialLine(trial, scenario, { number, host: host.name, at: nowIso() }, result);
  append(line);
  return line;
}
