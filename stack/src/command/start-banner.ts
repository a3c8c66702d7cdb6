// What `tamc start` says when everything runs: what runs where, how an assistant is connected, what to say first. At most 24 lines.
import { claudeCommand, inTerminalOf, quoted } from '../world/in-terminal.ts';

export interface BannerFacts {
  readonly url: string;
  readonly page: string;
  readonly mcp: string;
  readonly folderPath: string;
  readonly isDefaultFolder: boolean;
  /** Of the assistant that HTTP clients come as: its token stands there. */
  readonly tokenPath: string;
  readonly town: string;
  /** Null: it was shown before, or is known to who gave it. */
  readonly passphrase: string | null;
  readonly hasOwner: boolean;
}

export function renderBanner(facts: BannerFacts): string {
  const { url, page, mcp, town } = facts;
  const store = facts.isDefaultFolder ? '' : ` --store ${quoted(facts.folderPath)}`;
  return `
  The Autonomous Machine Cloud runs on this computer. Money, devices and customers are simulated.

    page      ${page}
    network   ${url}   (an Internet Computer, for any client library)
    MCP       ${mcp}
    town      ${town}
${renderOwner(facts)}
  Connect an assistant, here Claude Code (the first way starts the network by itself when it does not run):
    ${claudeCommand(facts.folderPath)}
    claude mcp add --transport http tamc ${mcp} -H "Authorization: Bearer $(${readToken(facts.tokenPath)})"
  Then say to it:
    Which machines are here, how do they do, and which one needs somebody?

  From another terminal:
    npx tamc status${store}     npx tamc call counter increment${store}     npx tamc --help

  Everything is kept in ${facts.folderPath}
  Ctrl-C stops it; nothing is lost.
`;
}

function renderOwner({ passphrase, hasOwner, folderPath }: BannerFacts): string {
  if (passphrase !== null) {
    return `
  Your passphrase, shown this once. With it you approve what an assistant may not decide; note it now:
    ${passphrase}
`;
  }
  if (hasOwner) return '';
  return `\n  This world has no owner yet. In your terminal: ${inTerminalOf(folderPath)('owner')}\n`;
}

/** The token itself stands in no history of a shell and on no screen. */
function readToken(path: string): string {
  return `node -p 'require(process.argv[1]).token' ${quoted(path)}`;
}
