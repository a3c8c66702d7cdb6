// What a person lets an assistant do at all, whatever its mandates say. Whoever only looks does nothing, whatever else is said.
import type { Problem, Tool, Toolset } from './tool.ts';

export interface Mode {
  readonly toolsets: ReadonlySet<Toolset>;
  readonly isReadOnly: boolean;
  /** Plans are made and shown, never carried out. */
  readonly isSimulated: boolean;
}

export interface ChangingMode extends Mode {
  /** What is allowed by now: a person may have taken something away since the server started. Left out: nobody can. */
  modeNow?(): Mode;
}

/** What was allowed at the start and still is. */
export function stillAllowed(started: ChangingMode): Mode {
  return started.modeNow === undefined ? started : narrowMode(started, started.modeNow());
}

/** What both allow. */
export function narrowMode(mode: Mode, by: Mode): Mode {
  return {
    toolsets: new Set([...mode.toolsets].filter((toolset) => by.toolsets.has(toolset))),
    isReadOnly: mode.isReadOnly || by.isReadOnly,
    isSimulated: mode.isSimulated || by.isSimulated,
  };
}

/** Whoever can act on machines can stop one. */
export function isOffered({ toolset, kind }: Tool, { toolsets, isReadOnly }: Mode): boolean {
  if (kind === 'write' && isReadOnly) return false;
  return toolset === 'every' ? toolsets.size > 0 : toolsets.has(toolset);
}

/** Why a tool that was listed once is not to be called now. */
export function modeProblem(tool: Tool, mode: Mode): Problem | null {
  if (isOffered(tool, mode)) return null;
  return tool.kind === 'write' && mode.isReadOnly ? readOnly(tool) : notOffered(tool);
}

const widen = 'The person decides that in their own terminal: `npx tamc owner --help` tells how.';

function readOnly({ name }: Tool): Problem {
  return {
    code: 'ReadOnly',
    message: `this assistant may only look (--read-only), and ${name} would change something`,
    nextStep: widen,
  };
}

function notOffered({ name, toolset }: Tool): Problem {
  return {
    code: 'NotOffered',
    message: `this assistant has no tools of the set ${toolset} (--toolsets), and ${name} is one`,
    nextStep: widen,
  };
}
