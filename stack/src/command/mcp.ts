// `tamc mcp`: an assistant's server on standard input and output. It attaches to the network that runs here; the first call that needs
// one starts it. Standard output carries the protocol and nothing else; so what `--json` is for, why it cannot serve and what goes wrong
// while it does, stands on standard error, a line each.
import { resolve } from 'node:path';
import { keepConsoleOffStdout, serveStandardStreams, type Toolset } from '@tamc/mcp-server';
import { defaultNetworkPath, openNetworkFolder } from '../deploy/network-folder.ts';
import { type AssistantMode, createAssistantServer } from '../mcp/assistant-server.ts';
import { createFolderKeeper } from '../mcp/keeper.ts';
import { createFolderWorld } from '../mcp/world.ts';
import { inTerminalOf } from '../world/in-terminal.ts';
import { defaultAssistant, isAssistantName } from '../world/people.ts';
import type { Given } from './commands.ts';
import { CommandFailure, failureToJson } from './failure.ts';

const toolsets: readonly Toolset[] = ['default', 'operate'];

export async function run({ values, switches }: Given): Promise<number> {
  keepConsoleOffStdout();
  const name = parseName(values.as ?? defaultAssistant);
  const mode: AssistantMode = {
    toolsets: parseToolsets(values.toolsets ?? 'default'),
    isReadOnly: switches.has('read-only'),
    isSimulated: switches.has('simulate'),
  };
  const folder = openNetworkFolder(values.store === undefined ? defaultNetworkPath() : resolve(values.store));
  const keeper = createFolderKeeper(folder);
  const world = createFolderWorld({ folder, name, keeper, mayStart: !mode.isReadOnly });
  const onFault = switches.has('json') ? tellAsData : tell;
  const endpoint = serveStandardStreams(
    createAssistantServer({ ...mode, world, onFault, inTerminal: inTerminalOf(folder.path) }),
    onFault,
  );
  await untilHostLeaves();
  await endpoint.close();
  // A call that is under way for nobody need not be waited for: repeated with its command id, it is done once.
  process.exit(0);
}

const tell = (error: unknown) => console.error('tamc mcp:', error);
const tellAsData = (error: unknown) => console.error(JSON.stringify(failureToJson(error)));

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

function parseToolsets(text: string): ReadonlySet<Toolset> {
  const words = text.split(',').map((word) => word.trim());
  const unknown = words.find((word) => !toolsets.some((known) => known === word));
  if (unknown === undefined) return new Set(toolsets.filter((known) => words.includes(known)));
  throw new CommandFailure(
    `There is no toolset "${unknown}".`,
    `Write --toolsets ${toolsets.join(',')}, or one of them.`,
  );
}
