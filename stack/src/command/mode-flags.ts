// `--read-only`, `--toolsets` and `--simulate`, as `tamc mcp` and `tamc owner --admit` have them.
import { type ModeFlags, parseToolsets, toolsetsHint } from '../world/mode.ts';
import { CommandFailure } from './failure.ts';

export function modeFlags(toolsets: string | undefined, switches: ReadonlySet<string>): ModeFlags {
  const parsed = toolsets === undefined ? null : parseToolsets(toolsets);
  if (parsed !== null && !parsed.ok) throw new CommandFailure(parsed.error, toolsetsHint);
  return {
    toolsets: parsed === null ? null : parsed.value,
    isReadOnly: switches.has('read-only'),
    isSimulated: switches.has('simulate'),
  };
}
