// `tamc mcp`: an assistant's server on standard input and output. It attaches to the network that runs here; the first call that needs
// one starts it. Standard output carries the protocol and nothing else; so what `--json` is for, why it cannot serve and what goes wrong
// while it does, stands on standard error, a line each.
import { resolve } from 'node:path';
import { keepConsoleOffStdout, serveStandardStreams } from '@tamc/mcp-server';
import { defaultNetworkPath, openNetworkFolder } from '../deploy/network-folder.ts';
import { createAssistantServer } from '../mcp/assistant-server.ts';
import { createFaultLog } from '../mcp/fault-log.ts';
import { createFolderKeeper } from '../mcp/keeper.ts';
import { createModeNow } from '../mcp/mode-now.ts';
import { createFolderWorld } from '../mcp/world.ts';
import { inTerminalOf } from '../world/in-terminal.ts';
import { defaultAssistant, isAssistantName, openPeople } from '../world/people.ts';
import type { Given } from './commands.ts';
import { CommandFailure } from './failure.ts';
import { modeFlags } from './mode-flags.ts';

const widen = 'Leave --toolsets out, or let it have more: `npx tamc owner --help` tells how.';

export async function run({ values, switches }: Given): Promise<number> {
  keepConsoleOffStdout();
  const name = parseName(values.as ?? defaultAssistant);
  const folder = openNetworkFolder(values.store === undefined ? defaultNetworkPath() : resolve(values.store));
  const keeper = createFolderKeeper(folder);
  const modeNow = createModeNow(openPeople(folder.path), name, modeFlags(values.toolsets, switches));
  const mode = modeNow();
  if (mode.toolsets.size === 0) throw new CommandFailure(`The assistant "${name}" has none of these toolsets.`, widen);
  const world = createFolderWorld({ folder, name, keeper, mayStart: () => !modeNow().isReadOnly });
  const onFault = createFaultLog(switches.has('json') ? tellAsData : tell);
  const endpoint = serveStandardStreams(
    createAssistantServer({ ...mode, modeNow, world, onFault, inTerminal: inTerminalOf(folder.path) }),
    onFault,
  );
  await untilHostLeaves();
  await endpoint.close();
  // A call that is under way for nobody need not be waited for: repeated with its command id, it is done once.
  process.exit(0);
}

const tell = (line: string) => console.error(`tamc mcp: ${line}`);
const tellAsData = (message: string) => console.error(JSON.stringify({ error: { message } }));

/** A host ends a server by closing its input; some send a signal. */
function untilHostLeaves(): Promise<void> {
  return new Promise((resolve) => {
    process.stdin.once('end', resolve);
    process.stdin.once('close', resolve);
    process.stdout.once('error', () => resolve());
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
}

function parseName(text: string): string {
  if (isAssistantName(text)) return text;
  const next = 'Use 1 to 32 lower-case letters, digits and hyphens: --as my-assistant.';
  throw new CommandFailure(`"${text}" is no name of an assistant.`, next);
}
