// The `tamc` command: finds the row, checks the words against it, runs it. Exit codes: 0 done, 1 failed, 2 wrong usage.
import { type CommandRow, commands } from './commands.ts';
import { nearest, parseArguments } from './parse-arguments.ts';
import { renderCommandHelp, renderHelp } from './render-help.ts';

export async function main(words: readonly string[]): Promise<void> {
  process.exitCode = await dispatch(words);
}

async function dispatch([name, ...rest]: readonly string[]): Promise<number> {
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') return showHelp(rest[0]);
  const row = commands.find((command) => command.name === name);
  if (name === '--version') return await showVersion();
  if (row === undefined) return wrongUsage(unknownCommand(name), rest.includes('--json'), tell);
  if (isHelpAsked(rest)) return showHelp(name);
  const given = parseArguments(row, rest);
  if (!given.ok) return wrongUsage(given.error, rest.includes('--json'), tellerOf(row));
  return await run(row, given.value);
}

/** What stands behind `--` belongs to the canister's method. */
function isHelpAsked(words: readonly string[]): boolean {
  const end = words.indexOf('--');
  return words.slice(0, end < 0 ? words.length : end).some((word) => word === '--help' || word === '-h');
}

async function run(row: CommandRow, given: Parameters<Awaited<ReturnType<CommandRow['load']>>['run']>[0]) {
  try {
    const { run: runCommand } = await row.load();
    return await runCommand(given);
  } catch (error) {
    const { exitCodeOf, failureToJson, renderFailure } = await import('./failure.ts');
    // A program reads what it can parse, and reads it where the answer would be.
    const store = row.isAboutNetwork === false ? undefined : given.values.store;
    if (given.switches.has('json')) tellerOf(row)(failureToJson(error, store));
    else console.error(renderFailure(error, store));
    return exitCodeOf(error);
  }
}

function showHelp(name: string | undefined): number {
  const row = commands.find((command) => command.name === name);
  console.log(row === undefined ? renderHelp(commands) : renderCommandHelp(row));
  return 0;
}

function unknownCommand(name: string): string {
  const guess = nearest(
    name,
    commands.map((command) => command.name),
  );
  return `There is no command "${name}".${guess === null ? '' : ` Did you mean "${guess}"?`} \`tamc --help\` lists them.`;
}

async function showVersion(): Promise<number> {
  const { readVersion } = await import('./version.ts');
  console.log(`tamc ${readVersion()}`);
  return 0;
}

type Tell = (failure: object) => void;
const tell: Tell = (failure) => console.log(JSON.stringify(failure));

/** Between lines of a protocol nothing else may stand. */
function tellerOf({ speaksProtocol }: CommandRow): Tell {
  return speaksProtocol === true ? (failure) => console.error(JSON.stringify(failure)) : tell;
}

function wrongUsage(text: string, isJson: boolean, tellAsData: Tell): number {
  if (isJson) tellAsData({ error: { message: text } });
  else console.error(`tamc: ${text}`);
  return 2;
}
