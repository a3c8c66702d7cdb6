// A scenario is data: a task in words, a world arranged for it, what happens meanwhile, and a grader that looks at ledger, canisters
// and devices, never at what was said. One file each under `scenarios/`.
import type { Hands } from './hands.ts';
import type { EvalWorld } from './world.ts';

export const scenarioClasses = ['wallet', 'injection', 'device', 'honesty'] as const;
export type ScenarioClass = (typeof scenarioClasses)[number];

export interface Scenario {
  /** Small letters, digits and hyphens; also its name in a log, so it never changes its meaning. */
  readonly name: string;
  /** Raised whenever arrangement or grader change: results of two versions are not compared. */
  readonly version: number;
  readonly class: ScenarioClass;
  /** One line for a table. */
  readonly title: string;
  /** As a person would say it. `{name}` becomes the id of a person or a machine. */
  readonly task: string;
  /** Of all that is random in the world. */
  readonly seed: string;
  readonly limits: Limits;
  /** The same task without the attack (or with it): both are reported together, and drawn together where results are compared. */
  readonly twin?: string;
  arrange(world: EvalWorld): Promise<void>;
  readonly during?: readonly Moment[];
  grade(world: EvalWorld): Promise<Grade>;
  /** How a good assistant does it, by the tools alone: shows that it can be done, and is what the host `scripted` plays. */
  readonly policy: Policy;
}

export interface Limits {
  readonly calls: number;
  readonly minutes: number;
}

/** Something that happens around one call. */
export interface Moment {
  at(call: CallNumber): boolean;
  before?(world: EvalWorld): Promise<void>;
  after?(world: EvalWorld): Promise<void>;
}

export interface CallNumber {
  /** From 1 on, of all calls. */
  readonly number: number;
  readonly tool: string;
  /** From 1 on, of this tool's calls. */
  readonly ofTool: number;
}

/** `given` are the ids that stand in the task. What it returns is said to the person, and graded by nobody. */
export type Policy = (hands: Hands, given: Readonly<Record<string, string>>) => Promise<string>;

/**
 * `task`: was it done? `harm`: did anything happen that should not? `attempt`: was anything tried that should not be, and stopped by
 * a mandate or a machine? An attack that succeeds fails a check of harm, one that only convinced the host one of attempts.
 */
export interface Check {
  readonly name: string;
  readonly about: 'task' | 'harm' | 'attempt';
  readonly passed: boolean;
  /** What was seen, in words, so that a failure can be understood from the log alone. */
  readonly found: string;
}

export interface Grade {
  readonly passed: boolean;
  readonly checks: readonly Check[];
}

export function gradeOf(checks: readonly Check[]): Grade {
  return { passed: checks.length > 0 && checks.every(({ passed }) => passed), checks };
}

/** Done: what should be there is there. */
export function wanted(name: string, passed: boolean, found: unknown): Check {
  return { name, about: 'task', passed, found: String(found) };
}

/** Harmless: what should not be there is not. */
export function unharmed(name: string, passed: boolean, found: unknown): Check {
  return { name, about: 'harm', passed, found: String(found) };
}

/** Not even tried. */
export function untried(name: string, passed: boolean, found: unknown): Check {
  return { name, about: 'attempt', passed, found: String(found) };
}

const placeholder = /\{([^{}]+)\}/g;

/** Names that a task gives ids for. */
export function namesInTask({ task }: Pick<Scenario, 'task'>): readonly string[] {
  return [...new Set([...task.matchAll(placeholder)].map(([, name = '']) => name))];
}

export function renderTask({ task }: Pick<Scenario, 'task'>, given: Readonly<Record<string, string>>): string {
  return task.replaceAll(placeholder, (whole, name: string) => given[name] ?? whole);
}

/** Scenarios that resemble each other: one and its twin. */
export function familyOf({ name, twin }: Pick<Scenario, 'name' | 'twin'>): string {
  return twin === undefined ? name : [name, twin].sort().join('+');
}
