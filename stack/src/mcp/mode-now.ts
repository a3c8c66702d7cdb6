// What the server of `tamc mcp` may offer: what its flags say, and at most what stands in the assistant's file, which a person may change
// while it runs.
import { type Mode, narrowMode } from '@tamc/mcp-server';
import { defaultMode, type ModeFlags } from '../world/mode.ts';
import type { People } from '../world/people.ts';

/** Read at each call: what was taken away is gone at once. A file that is gone or damaged says nothing new. */
export function createModeNow(people: Pick<People, 'modeOf'>, name: string, flags: ModeFlags): () => Mode {
  let said: Mode | null = null;
  return () => {
    const found = people.modeOf(name);
    if (found.ok) said = found.value;
    return withFlags(said, flags);
  };
}

/** Flags only narrow; where nobody said anything of the assistant, they say it all. */
function withFlags(said: Mode | null, { toolsets, isReadOnly, isSimulated }: ModeFlags): Mode {
  const asked = { toolsets: toolsets ?? said?.toolsets ?? defaultMode.toolsets, isReadOnly, isSimulated };
  return said === null ? asked : narrowMode(asked, said);
}
