// What an assistant may do at all, as a person writes it in flags and as it stands in the assistant's file.
import { ok, type Result, refuse } from '@tamc/base/result';
import type { Mode, Toolset } from '@tamc/mcp-server';

export const defaultMode: Mode = { toolsets: new Set(['default']), isReadOnly: false, isSimulated: false };

const known: readonly Toolset[] = ['default', 'operate'];

/** As `--toolsets` names them. Refused in words. */
export function parseToolsets(text: string): Result<ReadonlySet<Toolset>, string> {
  const words = text.split(',').map((word) => word.trim());
  const unknown = words.find((word) => !known.some((toolset) => toolset === word));
  if (unknown !== undefined) return refuse(`There is no toolset "${unknown}".`);
  return ok(new Set(known.filter((toolset) => words.includes(toolset))));
}

export const toolsetsHint = `Write --toolsets ${known.join(',')}, or one of them.`;

/** Null: this is none. */
export function parseMode(content: unknown): Mode | null {
  if (typeof content !== 'object' || content === null) return null;
  const { toolsets, readOnly, simulate }: Partial<Record<'toolsets' | 'readOnly' | 'simulate', unknown>> = content;
  if (typeof toolsets !== 'string' || typeof readOnly !== 'boolean' || typeof simulate !== 'boolean') return null;
  const parsed = parseToolsets(toolsets);
  return parsed.ok ? { toolsets: parsed.value, isReadOnly: readOnly, isSimulated: simulate } : null;
}

export function modeToFile({ toolsets, isReadOnly, isSimulated }: Mode) {
  return { toolsets: known.filter((one) => toolsets.has(one)).join(','), readOnly: isReadOnly, simulate: isSimulated };
}

/** For a person. */
export function modeToText(mode: Mode): string {
  const { toolsets } = modeToFile(mode);
  if (mode.isReadOnly) return `may only look; toolsets ${toolsets}`;
  return mode.isSimulated ? `plans and does nothing; toolsets ${toolsets}` : `toolsets ${toolsets}`;
}

/** What stands on the command line of a server. */
export interface ModeFlags extends Pick<Mode, 'isReadOnly' | 'isSimulated'> {
  /** Null: nothing was said of them. */
  readonly toolsets: ReadonlySet<Toolset> | null;
}
