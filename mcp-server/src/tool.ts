// A tool is data: what it is called, what goes in and comes out, what a host may expect of it, and what it does. The server does
// everything that is the same for all of them: parsing, limits, plans and their confirmation, audit, rendering.
import type { Result } from '@tamc/base/result';
import type { PrincipalHex } from '@tamc/protocol/principal';
import type { z } from 'zod';
import type { Keeper } from './keeper.ts';
import type { Access } from './world.ts';

export type Toolset = 'default' | 'operate';

/** What a host may show or ask before a call. Never what makes it safe: that is in the canisters. */
export interface Hints {
  readonly readOnly: boolean;
  readonly destructive: boolean;
  readonly idempotent: boolean;
  /** The answer may hold text that strangers wrote. */
  readonly openWorld: boolean;
}

/**
 * What a tool answers when it did what it was asked. `next` tells what one would usually do then, `news` what happened to the network
 * meanwhile.
 */
export interface Facts {
  readonly [name: string]: unknown;
  readonly next?: string;
  readonly news?: string;
}

/** What it answers when not: what, why, and what to do next. Nothing was changed. */
export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly nextStep: string;
}

/** What an act would do, in words that come from the arguments and the network alone. */
export interface Plan<Prepared = unknown> {
  /** What the act goes on with: it does what was planned, and asks for nothing twice. */
  readonly prepared: Prepared;
  readonly summary: string;
  readonly facts: Facts;
  /** Spends above what may be spent unasked, or cannot be undone: a person, or the host for them, confirms it first. */
  readonly needsConfirmation: boolean;
  /** What the plan was made for, beside the arguments: when it is another at the confirmation, the token no longer holds. */
  readonly boundTo?: string;
  /** What it would change, as it is now. When that is another than when the act began, somebody has decided since. */
  readonly ground?: string;
  /** What it is for is so already. */
  readonly isThere?: boolean;
}

export interface ToolContext {
  readonly access: Access;
  readonly keeper: Keeper;
  /** Of this call; whoever repeats a call repeats it. */
  readonly commandId: string;
  /** An act of this id has begun before: it is asked how that ended, whatever keeps a new one from being done now. */
  readonly isRepetition?: boolean;
  /** Says how far it is; repeated on its own while the work is silent. */
  progress(text: string): void;
}

export type Found = Promise<Result<Facts, Problem>>;

interface Described {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** `every`: for safety, in each set that can act. */
  readonly toolset: Toolset | 'every';
  readonly hints: Hints;
  readonly input: z.ZodObject;
  readonly output: z.ZodObject;
  /** What with these arguments waits for no limit, no token and no answer but the machine's own: a stop. Null: it may wait. */
  urgency?(given: Readonly<Record<string, unknown>>): Urgency | null;
}

/** What has to happen at once, and at which machine. */
export interface Urgency {
  readonly machine: PrincipalHex;
  /** One of a few of its tool. */
  readonly act: string;
  /** By the number that was named, whether or not there is one. Left out: it is for the machine. */
  readonly device?: number;
}

export interface ReadTool extends Described {
  readonly kind: 'read';
  read(args: never, context: ToolContext): Found;
}

/** Planning changes nothing; the act is only reached past the plan, so that simulating is planning and nothing else. */
export interface WriteTool extends Described {
  readonly kind: 'write';
  /** The canister knows no command id of this act: the server sees to it that one is done once. */
  readonly isOnceHere?: boolean;
  /** Facts of its answer that are written down nowhere: whoever repeats the call gets them made again. */
  secretFacts?(prepared: never, context: ToolContext): Facts;
  plan(args: never, context: ToolContext): Promise<Result<Plan, Problem>>;
  act(prepared: never, context: ToolContext): Found;
}

export type Tool = ReadTool | WriteTool;

type Common<Input> = Omit<Described, 'toolset' | 'hints' | 'input'> & {
  readonly toolset?: Toolset | 'every';
  readonly input: Input;
};

export interface ReadDefinition<Input extends z.ZodObject> extends Common<Input> {
  read(args: z.output<Input>, context: ToolContext): Found;
}

export interface WriteDefinition<Input extends z.ZodObject, Prepared> extends Common<Input> {
  /** True where what is done cannot be taken back, or stops or moves something. */
  readonly isDestructive?: boolean;
  readonly isOnceHere?: boolean;
  secretFacts?(prepared: Prepared, context: ToolContext): Facts;
  plan(args: z.output<Input>, context: ToolContext): Promise<Result<Plan<Prepared>, Problem>>;
  act(prepared: Prepared, context: ToolContext): Found;
}

/** Gives the handler its argument types: the server has parsed them when it calls it. */
export function defineReadTool<Input extends z.ZodObject>(definition: ReadDefinition<Input>): Tool {
  const hints = { readOnly: true, destructive: false, idempotent: true, openWorld: true };
  return { kind: 'read', toolset: 'default', hints, ...definition };
}

/** Every act of ours is idempotent by its command id. */
export function defineWriteTool<Input extends z.ZodObject, Prepared>(
  definition: WriteDefinition<Input, Prepared>,
): Tool {
  const { isDestructive = false, ...rest } = definition;
  const hints = { readOnly: false, destructive: isDestructive, idempotent: true, openWorld: true };
  return { kind: 'write', toolset: 'default', hints, ...rest };
}
