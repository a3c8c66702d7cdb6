// What `tamc start --json` says when everything runs: the facts of the banner in one line, for a program. No secret stands in it.
import { join } from 'node:path';
import { principalToHex, principalToText } from '@tamc/protocol/principal';
import type { NetworkFolder, Running } from '../deploy/network-folder.ts';
import { findRoot } from '../root.ts';
import { defaultAssistant, type People } from '../world/people.ts';

export function startToJson({ url, page, mcp, pid }: Running, folder: NetworkFolder, people: People): object {
  const owner = people.owner();
  const { name, identity } = people.assistant(defaultAssistant);
  const script = join(findRoot(), 'stack/bin/tamc.mjs');
  return {
    url,
    page,
    mcp,
    pid,
    store: folder.path,
    owner: owner === null ? null : principalToText(owner.id),
    assistant: { name, id: principalToText(principalToHex(identity.getPrincipal())) },
    canisters: folder.canisters(),
    connect: {
      stdio: { command: process.execPath, args: [script, 'mcp', '--store', folder.path] },
      http: { url: mcp, tokenFile: people.assistantPath(name) },
    },
  };
}
